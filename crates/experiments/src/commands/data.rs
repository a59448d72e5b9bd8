//! `cgan data`: what data sets there are, where they come from, and whether they are whole.

use crate::cli::{DataArgs, DataCommand, PrepareArgs, TagSource};
use crate::data::{ImageSet, catalogue};
use crate::failure::Failure;
use crate::tags::{Split, TagSet, prepare};
use crate::terminal::print;

pub(super) fn data(args: &DataArgs) -> Result<(), Failure> {
    if let Some(DataCommand::Prepare(args)) = &args.command {
        return prepare(args);
    }
    if let Some(folder) = args.folder.as_ref().filter(|folder| folder.join("images.jsonl").exists()) {
        return print(&tagged(&TagSet::open(folder)?, &folder.display().to_string()));
    }
    if let Some(folder) = &args.folder {
        let set = ImageSet::open(folder)?;
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
    print(&tagged(&TagSet::of(crate::data::EMBEDDED)?, "embedded"))?;
    print("other sets: cgan train mnist --data DIR (IDX files); cgan data prepare --help (tagged pictures)\n")
}

/// What there is to say about a set of tagged pictures.
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
    let found = match args.source {
        TagSource::Openclipart => prepare::openclipart(&args.from)?,
        TagSource::Mirflickr25k => prepare::mirflickr(&args.from, args.annotations.as_deref(), args.pairs)?,
        TagSource::Generic => prepare::generic(&args.from)?,
    };
    let (thumbnails, text) = (args.thumbnails.as_deref(), args.text.as_deref());
    let set = prepare::write(found, &args.features, thumbnails, text, &args.out)?;
    print(&tagged(&set, &args.out.display().to_string()))
}
