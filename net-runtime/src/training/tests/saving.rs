//! Runs that are saved and go on.

use std::path::Path;

use super::*;
use crate::io::parameters::{load_parameters, save_parameters};
use crate::io::tensors::{read_tensors, write_tensors};
use crate::optimizers::adam::Adam;
use crate::optimizers::{AdamW, RmsProp};
use crate::training::Checkpoint;
use crate::training::callback::{Callback, Control};

fn noisy() -> Toy<2> {
    Toy { noisy: true, ..Toy::with([0.5, -0.5], [0.0; 2]) }
}

#[test]
fn an_interrupted_run_is_the_same_to_the_bit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.safetensors");
    let samples = points::<2>(50);

    let mut whole = Trainer::new(noisy(), Adam::new(0.01));
    let history = whole.fit(&samples).epochs(4).batch_size(8).seed(7).validation(&samples).silent().run().unwrap();

    let mut first = Trainer::new(noisy(), Adam::new(0.01));
    first.fit(&samples).epochs(2).batch_size(8).seed(7).silent().run().unwrap();
    first.save_state(&path).unwrap();

    let mut second = Trainer::<Toy<2>, _>::load_state(&path, Adam::new(0.01)).unwrap();
    assert_eq!((second.epochs(), second.steps()), (2, 14));
    second.network_mut().noisy = true;
    let done = second.epochs();
    let fit = second.fit(&samples).initial_epoch(done).epochs(4).batch_size(8).validation(&samples).silent();
    let rest = fit.run().unwrap();

    assert_eq!(whole.network().bits(), second.network().bits());
    for (name, series) in rest.iter() {
        assert_eq!(history.get(name).unwrap()[2..], *series, "{name}");
    }
    assert_ne!(first.network().bits(), second.network().bits());
}

#[test]
fn every_step_draws_its_own_noise_after_an_interruption_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.safetensors");
    let samples = points::<2>(4);
    // Nothing is learned, so that losses differ by their noise alone.
    let mut trainer = Trainer::new(noisy(), Sgd::new(0.0));
    let first = trainer.step(&samples).unwrap();
    trainer.save_state(&path).unwrap();
    let second = trainer.step(&samples).unwrap();
    assert_ne!(first, second);
    let mut resumed = Trainer::<Toy<2>, _>::load_state(&path, Sgd::new(0.0)).unwrap();
    resumed.network_mut().noisy = true;
    assert_eq!(resumed.step(&samples).unwrap(), second);
}

/// The message of loading a state after its file was changed.
fn damaged(change: impl FnOnce(&mut crate::io::Tensors)) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.safetensors");
    Trainer::new(noisy(), Adam::new(0.01)).save_state(&path).unwrap();
    let mut file = read_tensors(&path).unwrap();
    change(&mut file);
    write_tensors(&path, &file).unwrap();
    let error = message(Trainer::<Toy<2>, _>::load_state(&path, Adam::new(0.01)));
    error.strip_prefix(&format!("{}: ", path.display())).expect("the file is named").to_owned()
}

#[test]
fn a_file_that_is_no_such_state_is_told() {
    let change = |key: &'static str, value: &'static str| {
        damaged(move |file| {
            file.metadata.insert(key.into(), value.into());
        })
    };
    assert_eq!(change("network", "Other"), "this is a training state of `Other`, not of `Toy`");
    assert_eq!(change("format", "net-runtime"), "this is no training state, as `save_state` writes it");
    assert_eq!(change("epochs", "two"), "`epochs` should be a number, but is `two`");
    assert_eq!(damaged(|file| drop(file.metadata.remove("seed"))), "`seed` is missing");
    assert_eq!(damaged(|file| drop(file.tensors.remove("toy.bias"))), "tensor `toy.bias` is missing");
    let moment = damaged(|file| drop(file.tensors.remove("optimizer.toy.bias.velocity")));
    assert!(moment.contains("toy.bias.velocity"), "{moment}");
    let shape = damaged(|file| file.tensors.get_mut("toy.weight").unwrap().dims = vec![1, 2]);
    assert_eq!(shape, "tensor `toy.weight` should have shape [2], but has [1, 2]");
    let surplus = damaged(|file| {
        let tensor = file.tensors["toy.bias"].clone();
        file.tensors.insert("optimizer.toy.bias.third".into(), tensor);
    });
    assert!(surplus.starts_with("tensor `optimizer.toy.bias.third` belongs neither"), "{surplus}");
    let missing = Trainer::<Toy<2>, _>::load_state("no/such/file", Adam::new(0.01));
    assert!(matches!(missing, Err(Error::Io { .. })));
}

#[test]
fn a_state_of_another_optimizer_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.safetensors");
    let told = |error: String| error.strip_prefix(&format!("{}: ", path.display())).unwrap().to_owned();
    Trainer::new(noisy(), Adam::new(0.01)).save_state(&path).unwrap();
    // AdamW's moments have the names and shapes of Adam's.
    let error = message(Trainer::<Toy<2>, _>::load_state(&path, AdamW::new(0.01)));
    assert_eq!(told(error), "this is a training state of `Adam`, not of `AdamW`");
    // As many moments of the same names as Adam's, too.
    Trainer::new(noisy(), RmsProp::new(0.01).momentum(0.9)).save_state(&path).unwrap();
    let error = message(Trainer::<Toy<2>, _>::load_state(&path, Adam::new(0.01)));
    assert_eq!(told(error), "this is a training state of `RmsProp`, not of `Adam`");
    let error = message(Trainer::<Toy<2>, _>::load_state(&path, RmsProp::new(0.01)));
    assert!(told(error).contains("nor to this optimizer with these settings"));
}

/// The names of the files in a folder.
fn files(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    names
}

#[test]
fn every_second_epoch_is_saved_under_its_number() {
    let folder = tempfile::tempdir().unwrap();
    let pattern = folder.path().join("made/{epoch:02}.safetensors").to_str().unwrap().to_owned();
    let samples = points::<1>(20);
    let mut trainer = trainer([0.0], [0.0]);
    let mut checkpoint = Checkpoint::every(pattern, 2);
    trainer.fit(&samples).epochs(5).callback(&mut checkpoint).silent().run().unwrap();
    assert_eq!(files(&folder.path().join("made")), ["02.safetensors", "04.safetensors"]);
    assert_eq!(checkpoint.last_saved(), Some(&*folder.path().join("made/04.safetensors")));

    // The weights of epoch 4: one more epoch from there is epoch 5.
    let mut other = super::trainer([0.0], [0.0]);
    other.fit(&samples).epochs(4).silent().run().unwrap();
    let mut loaded = Toy::with([9.0], [9.0]);
    load_parameters(&mut loaded, checkpoint.last_saved().unwrap()).unwrap();
    assert_eq!(loaded.bits(), other.network().bits());
}

#[test]
fn the_best_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("best.safetensors");
    let mut best = Checkpoint::best(path.to_str().unwrap(), "val_loss");
    // Validation asks for the opposite of what is learned, but for the first two epochs, which come closer to it.
    let samples = ToySamples::new(&[(0.0, [1.0])]);
    let validation = ToySamples::new(&[(0.0, [0.3])]);
    let mut trainer = trainer([0.0], [0.0]);
    let fit = trainer.fit(&samples).epochs(5).validation(&validation).callback(&mut best).silent();
    let history = fit.run().unwrap();
    let losses = history.get("val_loss").unwrap();
    let lowest = (0..5).min_by(|&a, &b| losses[a].total_cmp(&losses[b])).unwrap();
    assert!((1..4).contains(&lowest), "the test needs a best epoch in between: {losses:?}");
    let mut loaded = Toy::with([9.0], [9.0]);
    load_parameters(&mut loaded, &path).unwrap();
    let expected = 1.0 - 0.8_f64.powi(lowest as i32 + 1);
    assert_close(&[f64::from(loaded.bias.values()[0])], &[expected]);
}

#[test]
fn a_worse_run_does_not_replace_the_best_of_the_one_before() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("best.safetensors");
    let mut best = Checkpoint::best(path.to_str().unwrap(), "loss");
    let run = |target: f32, checkpoint: &mut Checkpoint| {
        let samples = ToySamples::new(&[(0.0, [target])]);
        trainer([0.0], [0.0]).fit(&samples).epochs(2).callback(&mut *checkpoint).silent().run().unwrap();
        let mut loaded = Toy::with([9.0], [9.0]);
        load_parameters(&mut loaded, &path).unwrap();
        (loaded.bias.values()[0], checkpoint.last_saved().is_some())
    };
    let near = run(1.0, &mut best).0;
    assert_eq!(run(5.0, &mut best), (near, false), "losses of 25 and 16, after 1 and 0.64");
    assert_eq!(run(5.0, &mut best.clone().threshold(0.5)), (near, false));
    assert_ne!(run(5.0, &mut best.clone().threshold(20.0)).0, near, "the second epoch is better");
    // Another callback knows nothing of the file.
    assert!(run(5.0, &mut Checkpoint::best(path.to_str().unwrap(), "loss")).1);
}

#[test]
fn a_whole_state_can_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.safetensors");
    let samples = points::<2>(20);
    let mut trainer = Trainer::new(noisy(), Adam::new(0.01));
    let checkpoint = Checkpoint::every(path.to_str().unwrap(), 1).whole_state();
    trainer.fit(&samples).epochs(3).callback(checkpoint).silent().run().unwrap();
    let loaded = Trainer::<Toy<2>, _>::load_state(&path, Adam::new(0.01)).unwrap();
    assert_eq!((loaded.epochs(), loaded.network().bits()), (3, trainer.network().bits()));
}

/// Saves at every turn, and keeps what became of it.
struct Saver<'s>(&'s Path, Vec<(&'static str, Option<String>)>);

impl Saver<'_> {
    fn save(&mut self, turn: &'static str, control: &Control<'_, Toy<2>>) -> Result<(), Error> {
        self.1.push((turn, control.save_state(self.0).err().map(|error| error.to_string())));
        Ok(())
    }
}

impl Callback<Toy<2>> for Saver<'_> {
    fn on_train_begin(&mut self, _: &[String], control: &mut Control<'_, Toy<2>>) -> Result<(), Error> {
        self.save("begin", control)
    }

    fn on_epoch_begin(&mut self, _: usize, control: &mut Control<'_, Toy<2>>) -> Result<(), Error> {
        self.save("epoch begin", control)
    }

    fn on_batch_end(&mut self, _: usize, _: &Logs, control: &mut Control<'_, Toy<2>>) -> Result<(), Error> {
        self.save("batch", control)
    }

    fn on_epoch_end(&mut self, _: usize, _: &Logs, control: &mut Control<'_, Toy<2>>) -> Result<(), Error> {
        self.save("epoch end", control)
    }

    fn on_train_end(&mut self, control: &mut Control<'_, Toy<2>>) -> Result<(), Error> {
        self.save("end", control)
    }
}

#[test]
fn a_state_is_saved_between_epochs_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.safetensors");
    let refused = || Some("a training state is saved between epochs: this epoch is not finished".to_owned());
    let mut saver = Saver(&path, Vec::new());
    let mut samples = points::<2>(8);
    let mut trainer = Trainer::new(noisy(), Adam::new(0.01));
    trainer.fit(&samples).batch_size(4).callback(&mut saver).silent().run().unwrap();
    let (batch, end) = (("batch", refused()), ("epoch end", None));
    let turns = [("begin", None), ("epoch begin", None), batch.clone(), batch.clone(), end, ("end", None)];
    assert_eq!(std::mem::take(&mut saver.1), turns);

    // An epoch that an error cut off is never finished: what was saved before it stays.
    samples.targets[0].data_mut()[5] = f32::NAN;
    let fit = trainer.fit(&samples).batch_size(4).shuffle(false).callback(&mut saver).silent();
    assert!(fit.run().is_err());
    assert_eq!(saver.1, [("begin", None), ("epoch begin", None), batch, ("end", refused())]);
    assert_eq!(Trainer::<Toy<2>, _>::load_state(&path, Adam::new(0.01)).unwrap().steps(), 2);
}

#[test]
fn what_cannot_be_saved_is_told_at_the_start() {
    let samples = points::<1>(4);
    let mut trainer = trainer([0.0], [0.0]);
    let mut error = |checkpoint| message(trainer.fit(&samples).callback(checkpoint).silent().run());
    assert!(error(Checkpoint::every("{val_loss}", 1)).contains("one of `loss`, `mean_absolute_error`"));
    assert!(error(Checkpoint::best("x", "val_loss")).starts_with("Checkpoint is to watch `val_loss`"));
    assert_eq!(error(Checkpoint::every("x", 0)), "Checkpoint cannot save after every 0 epochs");
    assert_eq!(trainer.steps(), 0);
}

#[test]
fn weights_alone_are_no_state() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("weights.safetensors");
    save_parameters(&noisy(), &path).unwrap();
    let error = message(Trainer::<Toy<2>, _>::load_state(&path, Adam::new(0.01)));
    assert!(error.contains("this is no training state"), "{error}");
}
