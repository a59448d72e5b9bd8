//! `cgan tag`: words for pictures.

use crate::cli::features::TagArgs;
use crate::failure::Failure;

#[cfg(not(feature = "onnx"))]
pub(super) fn tag(_: &TagArgs) -> Result<(), Failure> {
    Err(super::features::without_onnx())
}

#[cfg(feature = "onnx")]
pub(super) fn tag(args: &TagArgs) -> Result<(), Failure> {
    use data::onnx::net::Net;
    use data::onnx::picture;
    use data::tags::Preprocessing;
    use evaluation::SEED;
    use evaluation::tagging::{SAMPLES, TAGS, Tagger};
    use ndarray::Array2;

    use crate::config::Experiment;
    use crate::run::RunDirectory;
    use crate::run::weights::Weights;
    use crate::terminal::{print, say};

    let weights = Weights::load(&args.run)?;
    if weights.config().run.experiment != Experiment::Tags {
        return Err(Failure::usage(format!("{}: a run of images, not of words", args.run.display())));
    }
    if args.run.is_file() {
        return Err(Failure::usage(format!(
            "{}: a file of weights; `tag` needs the run's folder, whose tags.safetensors has the words",
            args.run.display()
        )));
    }
    let mut fitted = Preprocessing::load(&RunDirectory::open(&args.run)?.preprocessing())?;
    fitted.check_nets(weights.header.condition.width(), weights.header.width)?;
    if args.all_words {
        fitted.rank_all_words();
    }
    let net = Net::load(&args.net.model, super::features::input(&args.net, fitted.made.as_ref())?)?;
    match &fitted.made {
        Some(made) => {
            let here = super::features::made(&args.net.model, &net)?;
            if here.model_sha256 != made.model_sha256 {
                return Err(Failure::usage(format!(
                    "--model {}: the run was trained on features of another net, {} (SHA-256 {})",
                    args.net.model.display(),
                    made.model,
                    made.model_sha256
                )));
            }
        }
        None => say(format_args!(
            "{}: it is not recorded how its features were made: the net and its options must be the same",
            args.run.display()
        )),
    }
    let tagger = Tagger::new(&fitted.tag_vectors());
    let mut sampler = weights.sampler(SAMPLES, SEED)?;
    let mut failed = 0;
    for path in &args.images {
        let row = match picture::read(path).and_then(|image| net.features(&image)) {
            Ok(row) => row,
            Err(why) => {
                failed += 1;
                say(format_args!("{}: {why}", path.display()));
                continue;
            }
        };
        if row.len() != fitted.mean.len() {
            let (here, there) = (row.len(), fitted.mean.len());
            return Err(Failure::usage(format!("--model: {here} features, and the run is of {there}")));
        }
        let features = Array2::from_shape_vec((1, row.len()), row).expect("one row");
        let tagged =
            tagger.tag(&mut sampler, weights.parameters(), fitted.scaled(features.view()).view(), SAMPLES);
        let ranking = &tagged.by_votes[0];
        let words = fitted.names(&ranking[..TAGS.min(ranking.len())]).join(", ").replace('_', " ");
        print(&format!("{}: {words}\n", path.display()))?;
    }
    match failed {
        0 => Ok(()),
        failed => Err(Failure::data(format!("{failed} of {} pictures could not be read", args.images.len()))),
    }
}
