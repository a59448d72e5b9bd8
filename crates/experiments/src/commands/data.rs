//! `cgan data`: lists and checks data sets.

use data::images::catalogue;
use data::tags::{TagSet, embedded_openclipart};
use data::{Split, prepare};

use crate::cli::{DataArgs, DataCommand, IMAGES, PrepareArgs, TagSource};
use crate::failure::Failure;
use crate::terminal::{print, say};

pub(super) fn data(args: &DataArgs) -> Result<(), Failure> {
    if let Some(DataCommand::Prepare(args)) = &args.command {
        return prepare(args);
    }
    if let Some(folder) = args.folder.as_ref().filter(|folder| folder.join("images.jsonl").exists()) {
        let set = TagSet::open(folder)?;
        set.notes.iter().for_each(say);
        return print(&tagged(&set, &folder.display().to_string()));
    }
    if let Some(folder) = &args.folder {
        let set = data::images::open(folder)?;
        set.notes.iter().for_each(say);
        let (train, last) = (&set.train, set.train.first_label + set.train.classes - 1);
        return print(&format!(
            "{} ({})\n  images  {} to train, {} to validate, {} to test\n  size    {} x {}\n  classes {} ({} to {last})\n",
            set.name,
            set.source,
            train.len(),
            set.validation.len(),
            set.test.len(),
            train.height,
            train.width,
            train.classes,
            train.first_label,
        ));
    }
    for entry in catalogue()? {
        let mut text = format!(
            "{} ({})\n  images  {} to train, {} to validate, {} to test\n  size    {} x {}\n  classes {}\n  licence {}\n  SHA-256 of the uncompressed files\n",
            entry.name,
            entry.source,
            entry.train,
            entry.validation,
            entry.test,
            entry.height,
            entry.width,
            entry.classes,
            entry.licence,
        );
        for sum in &entry.checksums {
            text.push_str(&format!("    {}  {}\n", sum.sha256, sum.file));
        }
        print(&text)?;
    }
    print(&tagged(&embedded_openclipart()?, "embedded"))?;
    print(&format!(
        "other sets: cgan train mnist --data PATH ({IMAGES}); cgan data prepare --help (tagged pictures)\n"
    ))
}

/// The description of a set of tagged pictures.
fn tagged(set: &TagSet, source: &str) -> String {
    let [train, validation, test] =
        [Split::Train, Split::Validation, Split::Test].map(|split| set.split(split));
    let pairs: usize = train.iter().map(|number| set.words(*number).len()).sum();
    format!(
        "{} ({source})\n  pictures {} to train ({pairs} pairs with a tag), {} to validate, {} to test\n  features {} each\n",
        set.name,
        train.len(),
        validation.len(),
        test.len(),
        set.features.ncols()
    )
}

fn prepare(args: &PrepareArgs) -> Result<(), Failure> {
    let mut say = |line: &str| say(line);
    let found = match args.source {
        TagSource::Openclipart => prepare::openclipart(&args.from, &mut say)?,
        TagSource::Mirflickr25k => {
            prepare::mirflickr(&args.from, args.annotations.as_deref(), args.pairs, &mut say)?
        }
        TagSource::Generic => prepare::generic(&args.from, &mut say)?,
    };
    let (thumbnails, text) = (args.thumbnails.as_deref(), args.text.as_deref());
    let set = prepare::write(found, &args.features, thumbnails, text, &args.out, &mut say)?;
    print(&tagged(&set, &args.out.display().to_string()))
}
