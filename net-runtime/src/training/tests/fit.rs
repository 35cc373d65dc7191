//! What `fit` and `evaluate` compute.

use super::*;
use crate::network::traits::Head;
use crate::network::traits::Samples;
use crate::optimizers::{Adam, Optimizer};
use crate::tensor::batch::Batch;
use crate::tensor::shape::{Shape0, Shape1};
use crate::training::Progress;
use crate::training::callback::{Callback, Control};
use crate::training::trainer::check_has_loss;

/// Three samples of the line 0·x + 0, in batches of two: by hand,
/// batch 1: x = 1, 2, targets 1, 2: errors -1, -2, loss 2.5, absolute errors 3, gradients -5 and -3;
///          then w = 0.5, b = 0.3;
/// batch 2: x = 3, target 1.8: prediction 1.8, no error.
fn rows() -> ToySamples<1> {
    ToySamples::new(&[(1.0, [1.0]), (2.0, [2.0]), (3.0, [1.8])])
}

#[test]
fn an_epoch_averages_its_steps_over_samples() {
    let mut trainer = trainer([0.0], [0.0]);
    let samples = rows();
    let history = trainer.fit(&samples).batch_size(2).shuffle(false).silent().run().unwrap();
    assert_eq!(history.names(), ["loss", "mean_absolute_error"]);
    assert_close(history.get("loss").unwrap(), &[2.0 * 2.5 / 3.0]);
    assert_close(history.get("mean_absolute_error").unwrap(), &[1.0]);
    assert_close(&[f64::from(trainer.network().weight.values()[0])], &[0.5]);
    assert_eq!((trainer.steps(), trainer.epochs()), (2, 1));
}

#[test]
fn a_partial_batch_trains_with_its_own_mean() {
    let samples = ToySamples::new(&[(0.0, [0.0]), (0.0, [0.0]), (0.0, [1.0])]);
    let mut trainer = trainer([0.0], [0.0]);
    trainer.fit(&samples).batch_size(2).shuffle(false).silent().run().unwrap();
    // d/db of (b - 1)² is -2: divided by one sample, not by two or three.
    assert_close(&[f64::from(trainer.network().bias.values()[0])], &[0.2]);
}

#[test]
fn validation_sees_the_weights_at_the_end_of_the_epoch() {
    let mut trainer = trainer([0.0], [0.0]);
    let samples = rows();
    // At w = 0.5, b = 0.3 the predictions are 0.3, 0.8 and 1.3: errors 0.3, -0.2, 1.3.
    let validation = ToySamples::new(&[(0.0, [0.0]), (1.0, [1.0]), (2.0, [0.0])]);
    let history = trainer.fit(&samples).batch_size(2).shuffle(false).validation(&validation).silent().run().unwrap();
    assert_eq!(history.names(), ["loss", "mean_absolute_error", "val_loss", "val_mean_absolute_error"]);
    assert_close(history.get("val_loss").unwrap(), &[(0.09 + 0.04 + 1.69) / 3.0]);
    assert_close(history.get("val_mean_absolute_error").unwrap(), &[0.6]);
    let logs = trainer.evaluate_in_batches(&validation, 2).unwrap();
    assert_close(&[logs.loss(), logs.get("mean_absolute_error").unwrap()], &[1.82 / 3.0, 0.6]);
    assert_eq!(pairs(&logs).len(), 2);
}

#[test]
fn several_heads_have_losses_of_their_own_without_their_factors() {
    // Predictions are 0: losses 1 and 4 in the batch of two, 9 and 16 in the batch of one; the second counts double.
    let samples = ToySamples::new(&[(0.0, [1.0, 2.0]), (0.0, [-1.0, 2.0]), (0.0, [3.0, 4.0])]);
    let logs = trainer([0.0; 2], [0.0; 2]).evaluate_in_batches(&samples, 2).unwrap();
    let (line, curve) = ((2.0 + 9.0) / 3.0, (8.0 + 16.0) / 3.0);
    let names = ["loss", "line_loss", "curve_loss", "line_mean_absolute_error", "curve_mean_absolute_error"];
    assert_eq!(logs.names(), names);
    let values: Vec<f64> = logs.iter().map(|(_, value)| value).collect();
    assert_close(&values, &[line + 2.0 * curve, line, curve, 5.0 / 3.0, 8.0 / 3.0]);
}

#[test]
fn the_last_part_is_split_off_before_shuffling() {
    let mut rows: Vec<(f32, [f32; 1])> = vec![(0.0, [0.0]); 7];
    rows.extend([(0.0, [2.0]); 3]);
    let samples = ToySamples::new(&rows);
    // A fraction of 0.25 of ten leaves floor(7.5) to train on.
    let mut trainer = trainer([0.0], [0.0]);
    let history = trainer.fit(&samples).validation_split(0.25).silent().run().unwrap();
    assert_close(&[history.last("loss").unwrap(), history.last("val_loss").unwrap()], &[0.0, 4.0]);
}

#[test]
fn weights_of_samples_and_classes_multiply_and_leave_the_mean_over_samples() {
    let rows = [(0.0, [1.0]), (0.0, [2.0])];
    let losses = |samples: &ToySamples<1>, classes: &[f32]| {
        let mut trainer = trainer([0.0], [0.0]);
        let fit = trainer.fit(samples).class_weights("line", classes).validation(samples).silent();
        let history = fit.run().unwrap();
        (history.get("loss").unwrap()[0], trainer.network().bias.values()[0])
    };
    let plain = ToySamples::new(&rows);
    let weighted = plain.clone().with_weights(0, &[3.0, 0.5]);
    assert_eq!(losses(&plain, &[]), (2.5, 0.1 * 3.0));
    assert_eq!(losses(&weighted, &[]), ((3.0 + 0.5 * 4.0) / 2.0, 0.1 * (3.0 + 0.5 * 2.0)));
    assert_eq!(losses(&plain, &[9.0, 9.0, 2.0]), ((9.0 + 2.0 * 4.0) / 2.0, 0.1 * (9.0 + 2.0 * 2.0)));
    assert_eq!(losses(&weighted, &[1.0, 2.0]).0, (6.0 + 0.5 * 4.0) / 2.0);
    assert_eq!(weighted.targets[0].weights(), Some(&[3.0, 0.5][..]), "the samples stay as they are");
}

#[test]
fn validation_knows_no_class_weights() {
    let samples = ToySamples::new(&[(0.0, [1.0])]);
    let mut trainer = trainer([0.0], [1.5]);
    let fit = trainer.fit(&samples).class_weights("line", &[1.0, 0.0]).validation(&samples).silent();
    let history = fit.run().unwrap();
    assert_eq!((history.last("loss"), history.last("val_loss")), (Some(0.0), Some(0.25)));
}

/// Weights after training, and the losses on the way.
fn trained(seed: u64, shuffle: bool, noisy: bool) -> (Vec<u32>, Vec<f64>) {
    let mut trainer = trainer([0.3; 2], [0.0; 2]);
    trainer.network_mut().noisy = noisy;
    let samples = points(50);
    let fit = trainer.fit(&samples).epochs(3).batch_size(8).seed(seed).shuffle(shuffle).silent();
    let history = fit.run().unwrap();
    (trainer.network().bits(), history.get("loss").unwrap().to_vec())
}

#[test]
fn the_seed_decides_the_order_and_the_noise() {
    assert_eq!(trained(1, true, true), trained(1, true, true));
    assert_ne!(trained(1, true, false), trained(2, true, false), "shuffling");
    assert_ne!(trained(1, false, true), trained(2, false, true), "noise");
    assert_eq!(trained(1, false, false), trained(2, false, false));
    assert_ne!(trained(1, true, false), trained(1, false, false));
}

#[test]
fn an_evaluation_knows_no_noise() {
    let samples = points::<2>(20);
    let mut trainer = trainer([0.3; 2], [0.0; 2]);
    let plain = trainer.evaluate(&samples).unwrap();
    trainer.network_mut().noisy = true;
    assert_eq!(trainer.evaluate(&samples).unwrap(), plain);
    let history = trainer.fit(&samples).validation(&samples).silent().run().unwrap();
    let after = trainer.evaluate(&samples).unwrap();
    assert_eq!(history.last("val_loss"), Some(after.loss()));
    assert_ne!(trainer.step(&samples).unwrap(), after.loss() as f32);
}

#[test]
fn two_runs_are_as_good_as_one() {
    let samples = points::<2>(50);
    let mut whole = trainer([0.3; 2], [0.0; 2]);
    whole.network_mut().noisy = true;
    let mut parts = Trainer::new(whole.network().clone(), Sgd::new(0.1));
    let history = whole.fit(&samples).epochs(4).batch_size(8).silent().run().unwrap();
    let first = parts.fit(&samples).epochs(3).batch_size(8).silent().run().unwrap();
    let second = parts.fit(&samples).initial_epoch(3).epochs(4).batch_size(8).silent().run().unwrap();
    assert_eq!(whole.network().bits(), parts.network().bits());
    assert_eq!((first.epoch_numbers(), second.epoch_numbers()), (1..4, 4..5));
    let losses = [first.get("loss").unwrap(), second.get("loss").unwrap()].concat();
    assert_eq!(history.get("loss").unwrap(), losses);
}

#[test]
fn no_epochs_make_an_empty_history() {
    let samples = rows();
    let mut trainer = trainer([0.0], [0.0]);
    let history = trainer.fit(&samples).epochs(0).silent().run().unwrap();
    assert_eq!((history.epochs(), history.names().len(), trainer.steps()), (0, 2, 0));
    let history = trainer.fit(&samples).epochs(2).initial_epoch(5).silent().run().unwrap();
    assert_eq!(history.epochs(), 0);
}

#[test]
fn the_last_epochs_that_can_be_counted() {
    let folder = tempfile::tempdir().unwrap();
    let samples = rows();
    let mut trainer = trainer([0.0], [0.0]);
    for (initial, epochs) in [(usize::MAX - 2, 1), (usize::MAX - 1, 0), (usize::MAX, 0)] {
        let history = trainer.fit(&samples).initial_epoch(initial).epochs(usize::MAX).silent().run().unwrap();
        assert_eq!((history.epochs(), history.epoch_numbers().len()), (epochs, epochs));
        assert_eq!(history.to_string().lines().count(), 1 + epochs);
        history.save_plot(folder.path().join("history.svg")).unwrap();
    }
    let run = trainer.fit(&samples).epochs(usize::MAX).silent().on_epoch_end(|epoch, _, control| {
        if epoch == 3 {
            control.stop();
        }
        Ok(())
    });
    assert_eq!(run.run().unwrap().epochs(), 3);
}

#[test]
fn weights_of_samples_and_classes_are_numbers() {
    for weight in [f32::NAN, f32::INFINITY] {
        let targets = Batch::<Shape1<1>>::from_vec(vec![0.0, 1.0]).unwrap();
        let error = message(targets.with_weights(vec![1.0, weight]));
        assert_eq!(error, format!("the weight of sample 1 is {weight}"));
        let mut classes = Batch::<Shape0, u32>::from_vec(vec![0, 1]).unwrap();
        let error = message(classes.weigh_classes("digit", &[-1.0, weight]));
        assert_eq!(error, format!("the weight of class 1 of `digit` is {weight}"));
        assert_eq!(classes.weights(), None);
    }
}

#[test]
fn a_huge_gradient_ends_the_run_before_weights_are_lost() {
    // The loss of the second batch is finite, and so is its gradient.
    let samples = ToySamples::<1>::new(&[(1.0, [1.0]), (1.0, [1.0])]).with_weights(0, &[1.0, 1e30]);
    let mut trainer = Trainer::new(Toy::with([0.0], [0.0]), Adam::new(0.1));
    let error = message(trainer.fit(&samples).batch_size(1).shuffle(false).epochs(3).silent().run());
    assert!(error.starts_with("epoch 1, batch 2: what Adam computes of -1."), "{error}");
    assert!(error.ends_with("e30 in the gradient of `toy.weight` is inf; this step was not done"), "{error}");
    assert!(trainer.steps() == 1 && trainer.network().weight.values()[0] > 0.0);
    let clipped = Adam::new(0.1).clip_value(1.0);
    let mut trainer = Trainer::new(Toy::with([0.0], [0.0]), clipped);
    trainer.fit(&samples).batch_size(1).shuffle(false).silent().run().unwrap();
    assert!(trainer.steps() == 2 && trainer.network().weight.values()[0].is_finite());
}

#[test]
fn what_makes_no_sense_is_told_before_anything_is_done() {
    let (samples, none) = (rows(), ToySamples::default());
    let mut trainer = trainer([0.0], [0.0]);
    assert_eq!(message(trainer.fit(&none).run()), "training needs at least one sample");
    assert_eq!(message(trainer.fit(&samples).validation(&none).run()), "validation needs at least one sample");
    assert_eq!(message(trainer.evaluate(&none)), "an evaluation needs at least one sample");
    assert_eq!(message(trainer.step(&none)), "a training step needs at least one sample");
    let zero = "a batch needs at least one sample: the batch size is 0";
    assert_eq!(message(trainer.fit(&samples).batch_size(0).run()), zero);
    assert_eq!(message(trainer.evaluate_in_batches(&samples, 0)), zero);
    for split in [0.0, 0.9, 1.0, -0.5, 1e-20, f64::NAN] {
        let error = message(trainer.fit(&samples).validation_split(split).run());
        assert!(error.contains(&format!("a validation split of {split} of 3 samples")), "{error}");
    }
    let both = trainer.fit(&samples).validation_split(0.5).validation(&samples).run();
    assert!(message(both).contains("not both"));
    assert_eq!(message(trainer.fit(&samples).class_weights("lime", &[]).run()), "there is no output `lime`");
    let mut uneven = rows();
    uneven.targets[0] = Batch::<Shape1<1>>::zeros(2);
    let error = message(trainer.fit(&uneven).run());
    assert_eq!(error, "`x` has 3 samples, but `line` has 2");
    assert!(trainer.fit(&samples).validation(&uneven).run().is_err());
    assert_eq!((trainer.steps(), trainer.epochs()), (0, 0));
}

#[test]
fn metrics_alone_are_evaluated_but_not_trained() {
    let heads = |losses: &[bool]| losses.iter().map(|&has_loss| Head { name: "y", has_loss }).collect::<Vec<_>>();
    let expected = "`Net` cannot be trained: none of its outputs has a loss";
    assert_eq!(message(check_has_loss("Net", &heads(&[false, false]))), expected);
    assert!(check_has_loss("Net", &heads(&[false, true])).is_ok());

    let samples = points::<0>(3);
    let mut trainer = trainer([], []);
    assert!(message(trainer.fit(&samples).silent().run()).ends_with("has a loss"));
    assert!(message(trainer.step(&samples)).ends_with("has a loss"));
    assert_eq!(trainer.steps(), 0);
    assert_eq!(trainer.evaluate(&samples).unwrap().names(), ["loss"]);
}

#[test]
fn an_error_names_the_sample_among_all() {
    let mut samples = points::<1>(20);
    samples.targets[0].data_mut()[13] = -1000.0;
    let sample = |error| match error {
        Error::Class { sample, .. } => sample,
        other => panic!("{other}"),
    };
    let mut trainer = trainer([0.0], [0.0]);
    assert_eq!(sample(trainer.fit(&samples).batch_size(4).silent().run().unwrap_err()), 13);
    assert_eq!(sample(trainer.evaluate_in_batches(&samples, 4).unwrap_err()), 13);
    let good = points(5);
    assert_eq!(sample(trainer.fit(&good).validation(&samples).batch_size(4).silent().run().unwrap_err()), 13);
}

#[test]
fn a_step_returns_the_loss_before_it() {
    let mut trainer = trainer([0.0], [0.0]);
    let pair = ToySamples::new(&[(1.0, [1.0]), (2.0, [2.0])]);
    assert_eq!(trainer.step(&pair).unwrap(), 2.5);
    assert_close(&[f64::from(trainer.network().weight.values()[0])], &[0.5]);
    assert!(trainer.step(&pair).unwrap() < 0.5);
}

/// Writes down what it is told.
#[derive(Default)]
struct Scribe(Vec<String>);

impl Callback<Toy<1>> for Scribe {
    fn on_train_begin(&mut self, names: &[String], _control: &mut Control<'_, Toy<1>>) -> Result<(), Error> {
        self.0.push(names.join(" "));
        Ok(())
    }

    fn on_epoch_begin(&mut self, epoch: usize, _control: &mut Control<'_, Toy<1>>) -> Result<(), Error> {
        self.0.push(format!("epoch {epoch}"));
        Ok(())
    }

    fn on_batch_end(&mut self, batch: usize, logs: &Logs, control: &mut Control<'_, Toy<1>>) -> Result<(), Error> {
        self.0.push(format!("batch {batch}: {logs}; weight {:.1}", control.network().weight.values()[0]));
        Ok(())
    }

    fn on_epoch_end(&mut self, epoch: usize, logs: &Logs, _control: &mut Control<'_, Toy<1>>) -> Result<(), Error> {
        self.0.push(format!("end {epoch}: {logs}"));
        Ok(())
    }

    fn on_train_end(&mut self, _control: &mut Control<'_, Toy<1>>) -> Result<(), Error> {
        self.0.push("end".to_owned());
        Ok(())
    }
}

#[test]
fn callbacks_hear_of_every_turn() {
    let mut scribe = Scribe::default();
    let samples = rows();
    let mut trainer = trainer([0.0], [0.0]);
    trainer.fit(&samples).batch_size(2).shuffle(false).callback(&mut scribe).progress(Progress::Silent).run().unwrap();
    let expected = [
        "loss mean_absolute_error",
        "epoch 1",
        "batch 1: loss 2.5000  mean_absolute_error 1.5000; weight 0.5",
        "batch 2: loss 1.6667  mean_absolute_error 1.0000; weight 0.5",
        "end 1: loss 1.6667  mean_absolute_error 1.0000",
        "end",
    ];
    assert_eq!(scribe.0, expected);
}

#[test]
fn a_step_takes_no_memory_once_it_has_some() {
    let samples = points::<2>(64);
    let mut trainer = trainer([0.0; 2], [0.0; 2]);
    trainer.step(&samples).unwrap();
    assert_eq!(samples.count().unwrap(), 64);
    let measured = allocation_counter::measure(|| {
        trainer.step(&samples).unwrap();
    });
    assert_eq!(measured.count_total, 0);

    let allocations = |count| {
        let samples = points::<2>(count);
        let mut trainer = super::trainer([0.0; 2], [0.0; 2]);
        let fit = trainer.fit(&samples).batch_size(8).silent();
        allocation_counter::measure(|| drop(fit.run())).count_total
    };
    assert_eq!(allocations(8), allocations(80), "ten steps take memory as often as one");
}
