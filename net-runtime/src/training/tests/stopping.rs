//! Runs that end before their last epoch.

use super::*;
use crate::optimizers::{Optimizer, Schedule};
use crate::training::callback::{Callback, Control};
use crate::training::{EarlyStopping, History, ReduceLrOnPlateau, WithCallback as _};

/// Losses of a run: each epoch, the only sample's target is set so that the loss is the next of these, while nothing
/// is learned from it. The weight counts the epochs.
struct Script<'s> {
    losses: &'s [f64],
}

impl Script<'_> {
    /// Plays the script to a callback and tells the epoch it stopped after and the weights at the end.
    fn play(&self, callback: &mut (impl Callback<Toy<1>> + Send)) -> (usize, f32) {
        let (epoch, weight, _) = self.run(callback);
        (epoch, weight)
    }

    /// [`play`](Self::play), with the run's history.
    fn run(&self, callback: &mut (impl Callback<Toy<1>> + Send)) -> (usize, f32, History) {
        let samples = ToySamples::new(&[(0.0, [0.0])]);
        let mut trainer = trainer([0.0], [0.0]);
        // The bias is the loss's root, set at the end of the epoch before; an epoch's own step then moves it, which the
        // next setting undoes.
        let losses = self.losses;
        let set = |epoch: usize, net: &mut Toy<1>| {
            if let Some(loss) = losses.get(epoch) {
                net.bias.values_mut()[0] = loss.sqrt() as f32;
            }
        };
        set(0, trainer.network_mut());
        let mut seen = 0;
        let fit = trainer.fit(&samples).epochs(losses.len()).silent();
        let fit = fit.on_epoch_end(|epoch, _, control| {
            control.network_mut().weight.values_mut()[0] = epoch as f32;
            seen = epoch;
            Ok(())
        });
        let fit = fit.callback(callback);
        let fit = fit.on_epoch_end(move |epoch, _, control| {
            set(epoch, control.network_mut());
            Ok(())
        });
        let history = fit.run().unwrap();
        (seen, trainer.network().weight.values()[0], history)
    }
}

fn stopping() -> EarlyStopping<Toy<1>> {
    EarlyStopping::new("loss")
}

#[test]
fn stops_at_the_first_epoch_without_improvement() {
    let script = Script { losses: &[4.0, 3.0, 3.0, 1.0] };
    let mut stopping = stopping();
    assert_eq!(script.play(&mut stopping), (3, 3.0));
    assert_eq!((stopping.best_epoch(), stopping.stopped_epoch()), (Some(2), Some(3)));
}

#[test]
fn patience_counts_epochs_without_improvement_in_a_row() {
    let losses = [4.0, 3.0, 5.0, 2.0, 5.0, 2.5, 1.0];
    assert_eq!(Script { losses: &losses }.play(&mut stopping().patience(2)), (6, 6.0));
    let mut patient = stopping().patience(3);
    assert_eq!(Script { losses: &losses }.play(&mut patient), (7, 7.0));
    assert_eq!((patient.best_epoch(), patient.stopped_epoch()), (Some(7), None));
}

#[test]
fn the_best_weights_come_back_whether_it_stopped_or_not() {
    let losses = [4.0, 3.0, 5.0, 6.0, 7.0];
    assert_eq!(Script { losses: &losses }.play(&mut stopping().patience(2).restore_best_weights()), (4, 2.0));
    assert_eq!(Script { losses: &losses }.play(&mut stopping().patience(9).restore_best_weights()), (5, 2.0));
    assert_eq!(Script { losses: &losses }.play(&mut stopping().patience(9)), (5, 5.0));
}

/// What the history of a run with these losses says besides the numbers.
fn notes(losses: &[f64], mut stopping: EarlyStopping<Toy<1>>) -> Vec<String> {
    Script { losses }.run(&mut stopping).2.notes().to_vec()
}

#[test]
fn it_tells_that_it_stopped_and_what_it_restored() {
    let losses = [4.0, 3.0, 5.0, 6.0, 7.0];
    let stopped = "stopped after epoch 4: no improvement of `loss` for 2 epochs";
    let restored = "restored the weights of epoch 2, whose `loss` was the best: 3.0000";
    assert_eq!(notes(&losses, stopping().patience(2)), [stopped]);
    assert_eq!(notes(&losses, stopping().patience(2).restore_best_weights()), [stopped, restored]);
    assert_eq!(notes(&losses, stopping().patience(9).restore_best_weights()), [restored]);
    assert!(notes(&losses, stopping().patience(9)).is_empty());
    let stopped = "stopped after epoch 3: no improvement of `loss` beyond the baseline 1 for 3 epochs";
    assert_eq!(notes(&losses, stopping().patience(2).baseline(1.0)), [stopped]);
    assert_eq!(notes(&losses, stopping()), ["stopped after epoch 3: no improvement of `loss` for an epoch"]);
}

#[test]
fn small_changes_and_warm_up_do_not_count() {
    let script = Script { losses: &[4.0, 3.9, 3.8, 1.0] };
    assert_eq!(script.play(&mut stopping().min_delta(0.15).patience(2)).0, 4, "0.2 below the best since epoch 1");
    assert_eq!(script.play(&mut stopping().min_delta(0.25).patience(2)).0, 3);
    let rising = Script { losses: &[1.0, 2.0, 3.0, 4.0, 5.0] };
    assert_eq!(rising.play(&mut stopping().start_from_epoch(2)).0, 4, "epoch 3 is the first that counts");
}

#[test]
fn a_baseline_must_be_reached_within_the_patience() {
    let script = Script { losses: &[5.0, 4.0, 4.5, 3.0, 0.5] };
    // As Keras: epochs 1 and 2 improve but not below the baseline, so they are waited for too; 3 is no improvement.
    assert_eq!(script.play(&mut stopping().baseline(1.0).patience(3)).0, 3);
    assert_eq!(script.play(&mut stopping().baseline(4.9).patience(2)).0, 5);
}

#[test]
fn a_callback_is_as_new_in_its_second_run() {
    let mut stopping = stopping().patience(1).restore_best_weights();
    assert_eq!(Script { losses: &[1.0, 2.0, 3.0] }.play(&mut stopping), (2, 1.0));
    assert_eq!(Script { losses: &[9.0, 8.0, 9.0, 7.0] }.play(&mut stopping), (3, 2.0));

    // An epoch that the first run waited for does not count in the second.
    let mut stopping = EarlyStopping::<Toy<1>>::new("loss").baseline(1.0).patience(3);
    Script { losses: &[5.0] }.play(&mut stopping);
    assert_eq!(Script { losses: &[5.0, 6.0, 7.0, 8.0] }.play(&mut stopping).0, 3);
}

#[test]
fn a_value_that_does_not_exist_is_told_at_the_start() {
    let samples = points(4);
    let mut trainer = trainer([0.0], [0.0]);
    let error = message(trainer.fit(&samples).callback(EarlyStopping::new("val_loss")).silent().run());
    assert_eq!(
        error,
        "EarlyStopping is to watch `val_loss`, but this run has `loss`, `mean_absolute_error`; `val_` needs validation data"
    );
    assert_eq!(trainer.steps(), 0);
}

/// Stops after a batch, and counts epochs.
struct AfterBatch(usize);

impl Callback<Toy<1>> for AfterBatch {
    fn on_batch_end(&mut self, batch: usize, _: &Logs, control: &mut Control<'_, Toy<1>>) -> Result<(), Error> {
        if batch == self.0 {
            control.stop();
        }
        Ok(())
    }
}

#[test]
fn stopping_within_an_epoch_ends_it_with_its_validation() {
    let samples = points(40);
    let mut trainer = trainer([0.0], [0.0]);
    let fit = trainer.fit(&samples).batch_size(4).epochs(5).validation(&samples).callback(AfterBatch(3)).silent();
    let history = fit.run().unwrap();
    assert_eq!((history.epochs(), trainer.steps()), (1, 3));
    assert!(history.last("val_loss").unwrap().is_finite());
}

/// Stops before an epoch, or before the first where it is 0.
struct Before(usize);

impl Callback<Toy<1>> for Before {
    fn on_train_begin(&mut self, _: &[String], control: &mut Control<'_, Toy<1>>) -> Result<(), Error> {
        if self.0 == 0 {
            control.stop();
        }
        Ok(())
    }

    fn on_epoch_begin(&mut self, epoch: usize, control: &mut Control<'_, Toy<1>>) -> Result<(), Error> {
        if epoch == self.0 {
            control.stop();
        }
        Ok(())
    }
}

#[test]
fn stopping_before_an_epoch_trains_none_of_it() {
    let samples = points(8);
    for (before, epochs) in [(0, 0), (1, 0), (3, 2)] {
        let mut trainer = trainer([0.0], [0.0]);
        let fit = trainer.fit(&samples).batch_size(4).epochs(5).validation(&samples).callback(Before(before)).silent();
        let history = fit.run().unwrap();
        assert_eq!((history.epochs(), trainer.epochs(), trainer.steps()), (epochs, epochs, 2 * epochs as u64));
    }
}

#[test]
fn an_error_of_a_callback_ends_the_run() {
    let samples = points::<1>(4);
    let mut trainer = trainer([0.0], [0.0]);
    let fit = trainer.fit(&samples).epochs(5).silent();
    let result = fit.on_epoch_end(|epoch, _, _| match epoch {
        2 => Err(Error::Invalid("enough".into())),
        _ => Ok(()),
    });
    assert_eq!(message(result.run()), "enough");
    assert_eq!(trainer.epochs(), 2);
}

#[test]
fn a_loss_that_is_not_finite_stops_before_the_update() {
    let mut samples = points::<2>(40);
    samples.targets[1].data_mut()[22] = f32::NAN;
    let mut trainer = trainer([0.1; 2], [0.0; 2]);
    let mut before = trainer.network().bits();
    struct Last<'b>(&'b mut Vec<u32>);
    impl Callback<Toy<2>> for Last<'_> {
        fn on_batch_end(&mut self, _: usize, _: &Logs, control: &mut Control<'_, Toy<2>>) -> Result<(), Error> {
            *self.0 = control.network().bits();
            Ok(())
        }
    }
    let fit = trainer.fit(&samples).batch_size(8).shuffle(false).callback(Last(&mut before)).silent();
    let error = message(fit.run());
    assert_eq!(error, "epoch 1, batch 3: the loss of `curve` is NaN; this step was not done");
    assert_eq!(trainer.network().bits(), before);
    assert_eq!(trainer.steps(), 2);
    let good = points(8);
    assert!(trainer.fit(&good).epochs(3).silent().run().is_ok(), "the trainer is usable");
}

/// Fails at the end of a run, and counts the ends.
struct BadEnd<'c>(&'c mut usize);

impl Callback<Toy<1>> for BadEnd<'_> {
    fn on_train_end(&mut self, _: &mut Control<'_, Toy<1>>) -> Result<(), Error> {
        *self.0 += 1;
        Err(Error::Invalid("a bad end".into()))
    }
}

#[test]
fn a_run_that_fails_still_ends_its_callbacks_and_keeps_its_history() {
    let samples = ToySamples::new(&[(0.0, [1.0])]);
    let mut trainer = trainer([0.0], [0.0]);
    assert!(trainer.history().is_none());
    let (mut ends, mut best, mut stopping) = (0, Vec::new(), stopping().patience(9).restore_best_weights());
    let fit = trainer.fit(&samples).epochs(9).silent().callback(BadEnd(&mut ends)).callback(&mut stopping);
    let fit = fit.on_epoch_end(|epoch, _, control| {
        if epoch == 4 {
            best = control.network().bits();
            control.network_mut().bias.values_mut()[0] = f32::INFINITY;
        }
        Ok(())
    });
    let error = message(fit.run());
    assert_eq!(error, "epoch 5, batch 1: the loss of `line` is inf; this step was not done");
    assert_eq!((ends, stopping.best_epoch()), (1, Some(4)));
    assert_eq!(trainer.network().bits(), best, "the best weights are back");
    let history = trainer.history().unwrap();
    assert_eq!((history.epochs(), history.get("loss").unwrap()[0]), (4, 1.0));
}

#[test]
fn only_who_has_begun_hears_of_the_end() {
    let samples = points(4);
    let mut trainer = trainer([0.0], [0.0]);
    let (mut first, mut second) = (0, 0);
    let fit = trainer.fit(&samples).silent().callback(BadEnd(&mut first));
    let fit = fit.callback(EarlyStopping::new("val_loss")).callback(BadEnd(&mut second));
    assert!(message(fit.run()).starts_with("EarlyStopping is to watch"), "the first error is told");
    assert_eq!((first, second), (1, 0));
    // Without another error, that of the end is told, and nobody is left out.
    let (mut first, mut second) = (0, 0);
    let fit = trainer.fit(&samples).silent().callback(BadEnd(&mut first)).callback(BadEnd(&mut second));
    assert_eq!(message(fit.run()), "a bad end");
    assert_eq!((first, second, trainer.history().unwrap().epochs()), (1, 1, 1));
}

#[test]
fn a_gradient_that_is_not_finite_stops_before_the_update() {
    // The loss is (1e19)² = 1e38, but its gradient by the weight 2e19 · 1e20 is beyond f32.
    let samples = ToySamples::new(&[(1e20, [1e19])]);
    let mut trainer = trainer([0.0], [0.0]);
    let before = trainer.network().bits();
    let error = message(trainer.fit(&samples).initial_epoch(4).epochs(5).silent().run());
    assert!(error.starts_with("epoch 5, batch 1: "), "{error}");
    assert!(error.contains("toy.weight"), "{error}");
    assert_eq!(trainer.network().bits(), before);
}

#[test]
fn a_total_that_is_not_finite_is_told_though_every_head_is() {
    let samples = ToySamples::new(&[(0.0, [1e19, 1.6e19])]);
    let error = message(trainer([0.0; 2], [0.0; 2]).step(&samples));
    assert!(error.contains("the total loss is inf"), "{error}");
}

#[test]
fn changes_and_baselines_are_numbers() {
    let samples = points::<1>(4);
    let mut trainer = trainer([0.0], [0.0]);
    let mut error = |stopping| message(trainer.fit(&samples).epochs(3).callback(stopping).silent().run());
    for change in [f64::NAN, f64::INFINITY] {
        let told = format!("`min_delta` of EarlyStopping should be a number, but is {change}");
        assert_eq!(error(stopping().min_delta(change)), told);
    }
    let told = "`baseline` of EarlyStopping should be a number, but is NaN";
    assert_eq!(error(stopping().baseline(f64::NAN)), told);
    assert_eq!(trainer.steps(), 0);
}

#[test]
fn a_second_run_begins_anew() {
    let mut stopping = stopping();
    assert_eq!(Script { losses: &[1.0, 2.0] }.play(&mut stopping).0, 2);
    assert_eq!(Script { losses: &[4.0, 3.0, 2.0] }.play(&mut stopping).0, 3, "the best of the first run is forgotten");
}

#[test]
fn a_learning_rate_is_reduced_where_nothing_improves() {
    let notes = |losses: &[f64], mut callback: ReduceLrOnPlateau| {
        let (epoch, _, history) = Script { losses }.run(&mut callback);
        assert_eq!(epoch, losses.len(), "the run goes on");
        history.notes().to_vec()
    };
    let rate = trainer([0.0], [0.0]).optimizer_mut().learning_rate();
    let told = |factor: f32, epoch: usize| {
        let reduced = (f64::from(rate) * f64::from(factor)) as f32;
        format!("learning rate {reduced} from epoch {epoch} on: `loss` no longer improves")
    };
    let plateau = || ReduceLrOnPlateau::new("loss").factor(0.5).patience(2);
    // An improvement by less than 1e-4 is none.
    assert_eq!(notes(&[4.0, 3.0, 2.99999, 3.0, 2.0], plateau()), [told(0.5, 5)]);
    assert_eq!(notes(&[4.0, 3.0, 3.0, 2.0, 2.0], plateau()), [] as [&str; 0]);
    // Again and again, but not while it cools down.
    assert_eq!(notes(&[1.0; 5], plateau()), [told(0.5, 4), told(0.25, 6)]);
    assert_eq!(notes(&[1.0; 5], plateau().cooldown(2)), [told(0.5, 4)]);
    assert_eq!(notes(&[1.0; 6], plateau().cooldown(2)), [told(0.5, 4), told(0.25, 7)]);
    // No lower than the least.
    let least = rate * 0.75;
    let floor = format!("learning rate {least} from epoch 4 on: `loss` no longer improves");
    assert_eq!(notes(&[1.0; 9], plateau().min_rate(least)), [floor]);
}

#[test]
fn a_learning_rate_that_cannot_be_reduced_is_an_error() {
    let samples = ToySamples::new(&[(0.0, [0.0])]);
    let problem = |callback: ReduceLrOnPlateau, schedule: bool| {
        let mut trainer = trainer([0.0], [0.0]);
        if schedule {
            trainer.optimizer_mut().settings_mut().learning_rate = Schedule::cosine(0.1, 5).into();
        }
        trainer.fit(&samples).silent().callback(callback).run().unwrap_err().to_string()
    };
    assert_eq!(
        problem(ReduceLrOnPlateau::new("loss").factor(1.5), false),
        "`factor` of ReduceLrOnPlateau should be above 0 and below 1, but is 1.5"
    );
    assert_eq!(
        problem(ReduceLrOnPlateau::new("loss"), true),
        "ReduceLrOnPlateau changes a learning rate that is a number, but this optimizer has a schedule"
    );
}

#[test]
fn averages_are_the_weights_at_the_end() {
    let samples = ToySamples::new(&[(1.0, [2.0]), (2.0, [0.5]), (3.0, [1.0])]);
    let sgd = Sgd::new(0.05).average_weights(0.5);
    let mut trainer = Trainer::new(trainer([0.3], [0.2]).into_network(), sgd);
    trainer.fit(&samples).epochs(2).batch_size(1).silent().run().unwrap();
    let average = |name: &str, trainer: &mut Trainer<Toy<1>, _>| {
        trainer.optimizer_mut().state().find(|(of, ..)| of == name).map(|(.., values)| values.to_vec()).unwrap()
    };
    assert_eq!(average("toy.weight.average", &mut trainer), trainer.network().weight.values());
    assert_eq!(average("toy.bias.average", &mut trainer), trainer.network().bias.values());
    assert_ne!(trainer.network().weight.values(), [0.3]);
}
