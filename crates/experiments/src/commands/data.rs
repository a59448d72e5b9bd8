//! `cgan data`: what data sets there are, where they come from, and whether they are whole.

use crate::cli::DataArgs;
use crate::data::{ImageSet, catalogue};
use crate::failure::Failure;
use crate::terminal::print;

pub(super) fn data(args: &DataArgs) -> Result<(), Failure> {
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
    print("any other set of IDX files: cgan train mnist --data DIR\n")
}
