//! Loaders of what a training leaves: the page of a run, and checkpoints.

use std::path::Path;
use std::time::Duration;

use cgan::Trainer;
use cgan::checkpoint::{Notes, Store};
use clap::Parser;
use experiments::cli::{Cli, Command};
use experiments::commands::write_page;
use words::corpus::Text;
use words::training::{Checkpoint, Event, Reading};
use words::{Config, Phrases, Tokens};

use crate::good::{make_idx, make_run, quick, write};

/// Every text that `cgan report` reads of a run.
pub(crate) fn make_report(folder: &Path) {
    make_run(folder);
    for (name, text) in [
        (
            "metrics.csv",
            "step,epoch,d_loss,g_loss,d_real,d_fake,gradient_penalty,learning_rate,momentum,d_gradient_norm,g_gradient_norm\n\
             5,0.5,1.38,0.7,0.5,0.49,0,0.1,0.5,1.5,0.25\n10,1,1.3,0.8,0.6,0.4,0,0.09,0.5,1.25,0.5\n",
        ),
        ("timing.csv", "epoch,step,seconds,steps_per_second,images_per_second\n1,10,2.5,4,40\n"),
        (
            "diagnosis.csv",
            "epoch,step,condition_share,noise_share,mask_share,spread,dead_generator_z,d_train,d_validation,d_samples\n\
             1,10,0.2,0.7,0.1,0.05,0,0.5,0.4,-0.5\n",
        ),
        (
            "evaluations.csv",
            "epoch,step,validation_parzen,parzen_error,parzen_sigma,accuracy,spread\n1,10,100.5,2,0.2,0.9,0.1\n",
        ),
        (
            "evaluation.csv",
            "name,samples,parzen_nats,parzen_error,parzen_sigma,accuracy,frechet,frechet_floor,precision,recall,density,\
             coverage,spread,nearer_to_training,step,data,real_images\n\
             class means,10,100,1,0.2,0.8,10,2,,,,,0,1,,set,9\nrun,10,1,0.5,0.2,0.9,10,2,0.5,0.5,1,1,0.1,0.5,10,set,9\n",
        ),
        ("parzen.csv", "sigma,validation_nats\n0.1,5\n0.2,6\n"),
        ("confusion.csv", "asked,seen_0,seen_1,seen_2\n0,3,0,0\n1,0,3,0\n2,1,0,2\n"),
        ("classification.csv", "name,images,validation,test,step\nrun,10,0.5,0.6,10\n"),
        ("outcome.toml", "outcome = \"diverged\"\nmessage = \"g_loss is not finite\"\n"),
        ("data.toml", "name = \"set\"\nexamples = 50\ncondition = 3\nheight = 3\nwidth = 4\nspread = 0.1\n"),
        (
            "env.toml",
            "version = \"0.2.0\"\nos = \"linux\"\narchitecture = \"x86_64\"\ncpu_features = [\"avx2\"]\n\
             kernels = \"avx2\"\nthreads = 1\n",
        ),
    ] {
        write(&folder.join(name), text);
    }
}

pub(crate) fn read_report(folder: &Path) -> Result<(), String> {
    let line = ["cgan".as_ref(), "report".as_ref(), folder.as_os_str()];
    let Command::Report(args) = Cli::parse_from(line).command else { unreachable!("the verb is report") };
    write_page(&args).map(drop).map_err(|failure| failure.to_string())
}

/// A trainer on the images in `folder`.
fn trainer(folder: &Path) -> Result<Trainer<f32>, String> {
    let set = data::images::load(&folder.to_string_lossy()).map_err(|error| error.to_string())?;
    let mut config = quick().gan;
    config.updates.batch = 10;
    Trainer::new(&config, &set.train, 1).map_err(|error| error.to_string())
}

pub(crate) fn make_checkpoint(folder: &Path) {
    make_idx(&folder.join("set"));
    let trainer = trainer(&folder.join("set")).expect("a small set");
    let notes = Notes::from([("metrics".to_owned(), "120".to_owned())]);
    std::fs::create_dir_all(folder.join("checkpoints")).expect("a folder that can be written");
    Store::new(folder.join("checkpoints")).save(&trainer, &notes).expect("a folder that can be written");
}

pub(crate) fn read_checkpoint(folder: &Path) -> Result<(), String> {
    let mut trainer = trainer(&folder.join("set"))?;
    let loaded = Store::new(folder.join("checkpoints")).load(&mut trainer);
    loaded.map(drop).map_err(|error| error.to_string())
}

/// Trains until `stop` says so; true if a training was continued.
fn train_words(folder: &Path, stop: bool) -> Result<bool, String> {
    let checkpoint =
        Checkpoint { path: folder.join("v.checkpoint"), every: Duration::ZERO, is_replaceable: false };
    let reading = Reading {
        tokens: Tokens::Words,
        least: 1,
        passes: 0,
        phrases: Phrases { threshold: 100.0, least: 5 },
    };
    let config = Config { width: 4, epochs: 2, ..Config::default() };
    let text = Text::Files(vec![folder.join("a.txt")]);
    let mut continued = false;
    words::training::train(&text, reading, config, &checkpoint, &mut |event| {
        continued |= matches!(event, Event::Resumed { .. });
        stop && matches!(event, Event::Progress(_))
    })
    .map_err(|error| error.to_string())?;
    Ok(continued)
}

pub(crate) fn make_words_checkpoint(folder: &Path) {
    write(&folder.join("a.txt"), "the cat saw the dog\nand the dog saw the cat\n".repeat(40));
    train_words(folder, true).expect("a folder that can be written");
}

pub(crate) fn read_words_checkpoint(folder: &Path) -> Result<(), String> {
    match train_words(folder, false)? {
        true => Ok(()),
        false => Err("the training began anew: the checkpoint is gone".to_owned()),
    }
}
