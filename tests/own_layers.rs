//! Layers of the user's own, through the documented trait: they compute, learn and are saved as the built-in ones.

use net_runtime::layers::{Backward, Forward, Indices, Initial, Layer, Tensor, Weight};
use net_runtime::prelude::*;
use net_runtime::testing::GradientCheck;
use net_runtime::{OwnInputs as LayerInputs, OwnLayer};
use tests_common::{batch, bits, everywhere, gradient_values, named, weights};

/// As another crate would have them.
mod layers {
    use super::*;

    /// What `Dense` does, with a tanh in it.
    pub struct Nonlinear<const M: usize>;

    /// To other crates, a layer with its settings.
    pub type Nonlinear5 = Nonlinear<5>;

    impl<const N: usize, const M: usize> Layer<Shape1<N>> for Nonlinear<M> {
        const OUTPUT: &'static [usize] = &[M];
        const WEIGHTS: &'static [Weight] = &[
            Weight::new("kernel", &[N, M], Initial::GlorotUniform),
            Weight::new("bias", &[M], Initial::Constant(0.0)),
        ];
        const MULTIPLY_ADDS: u64 = (N * M) as u64;

        fn forward(Forward { x, weights, y, .. }: Forward<'_>) -> Result<(), Error> {
            let (kernel, bias) = (weights[0].values(), weights[1].values());
            for (y, x) in y.chunks_exact_mut(M).zip(x[0].numbers().chunks_exact(N)) {
                for (j, y) in y.iter_mut().enumerate() {
                    *y = ((0..N).map(|i| x[i] * kernel[i * M + j]).sum::<f32>() + bias[j]).tanh();
                }
            }
            Ok(())
        }

        fn backward(Backward { x, weights, y, dy, dx, gradients, .. }: Backward<'_>) {
            let inner: Vec<f32> = y.iter().zip(dy).map(|(y, dy)| dy * (1.0 - y * y)).collect();
            let samples = || x[0].numbers().chunks_exact(N).zip(inner.chunks_exact(M));
            if let Some([kernel, bias]) = gradients {
                let (kernel, bias) = (kernel.to_add(), bias.to_add());
                for (x, inner) in samples() {
                    (0..N * M).for_each(|at| kernel[at] += x[at / M] * inner[at % M]);
                    (0..M).for_each(|j| bias[j] += inner[j]);
                }
            }
            if let Some(dx) = &mut dx[0] {
                let kernel = weights[0].values();
                for (dx, (_, inner)) in dx.chunks_exact_mut(N).zip(samples()) {
                    (0..N).for_each(|i| dx[i] = (0..M).map(|j| kernel[i * M + j] * inner[j]).sum());
                }
            }
        }
    }

    /// `y = a · sigmoid(b)`, which keeps the sigmoid: operands of any shape, and no weights.
    pub struct Gate;

    impl<S: Shape> Layer<(S, S)> for Gate {
        const OUTPUT: &'static [usize] = S::DIMS;
        const KEPT: usize = S::LEN;

        fn forward(Forward { x, y, kept, mode, .. }: Forward<'_>) -> Result<(), Error> {
            assert_eq!(kept.len(), if mode == Mode::Training { y.len() } else { 0 });
            for (i, y) in y.iter_mut().enumerate() {
                let sigmoid = 1.0 / (1.0 + (-x[1].numbers()[i]).exp());
                *y = x[0].numbers()[i] * sigmoid;
                kept.iter_mut().skip(i).take(1).for_each(|kept| *kept = sigmoid);
            }
            Ok(())
        }

        fn backward(Backward { x, dy, dx, kept, .. }: Backward<'_>) {
            let [by_a, by_b] = dx else { unreachable!("there are two operands") };
            if let Some(dx) = by_a {
                dx.iter_mut().zip(dy).zip(&*kept).for_each(|((dx, dy), sigmoid)| *dx = dy * sigmoid);
            }
            if let Some(dx) = by_b {
                let a = x[0].numbers();
                (0..dx.len()).for_each(|i| dx[i] = dy[i] * a[i] * kept[i] * (1.0 - kept[i]));
            }
        }
    }

    /// A row of a table of ten, by its index.
    pub struct Row;

    impl Layer<Indices<Shape1<1>>> for Row {
        const OUTPUT: &'static [usize] = &[3];
        const WEIGHTS: &'static [Weight] = &[Weight::new("table", &[10, 3], Initial::Uniform(0.5))];

        fn forward(Forward { x, weights, y, .. }: Forward<'_>) -> Result<(), Error> {
            for (y, &row) in y.chunks_exact_mut(3).zip(x[0].indices()) {
                let row = row as usize;
                if row >= 10 {
                    return Err(Error::Invalid(format!("there is no row {row}")));
                }
                y.copy_from_slice(&weights[0].values()[3 * row..][..3]);
            }
            Ok(())
        }

        fn backward(Backward { x, dy, dx, gradients, .. }: Backward<'_>) {
            assert!(dx[0].is_none(), "indices have no gradient");
            let Some([table]) = gradients else { return };
            let table = table.to_add();
            for (dy, &row) in dy.chunks_exact(3).zip(x[0].indices()) {
                (0..3).for_each(|i| table[3 * row as usize + i] += dy[i]);
            }
        }
    }

    /// Without the mean of the batch.
    pub struct Centered;

    impl<const N: usize> Layer<Shape1<N>> for Centered {
        const OUTPUT: &'static [usize] = &[N];
        const MIXES_SAMPLES: bool = true;

        fn forward(Forward { samples, x, y, .. }: Forward<'_>) -> Result<(), Error> {
            centered::<N>(samples, x[0].numbers(), y);
            Ok(())
        }

        fn backward(Backward { samples, dy, dx, .. }: Backward<'_>) {
            if let Some(dx) = &mut dx[0] {
                centered::<N>(samples, dy, dx);
            }
        }
    }

    fn centered<const N: usize>(samples: usize, from: &[f32], to: &mut [f32]) {
        for i in 0..N {
            let mean = from.iter().skip(i).step_by(N).sum::<f32>() / samples as f32;
            (0..samples).for_each(|sample| to[sample * N + i] = from[sample * N + i] - mean);
        }
    }

    /// A wrong gradient.
    pub struct Wrong;

    impl<S: Shape> Layer<S> for Wrong {
        const OUTPUT: &'static [usize] = S::DIMS;

        fn forward(Forward { x, y, .. }: Forward<'_>) -> Result<(), Error> {
            y.iter_mut().zip(x[0].numbers()).for_each(|(y, x)| *y = x * x);
            Ok(())
        }

        fn backward(Backward { x, dy, dx, .. }: Backward<'_>) {
            if let Some(dx) = &mut dx[0] {
                (0..dx.len()).for_each(|i| dx[i] = dy[i] * x[0].numbers()[i]);
            }
        }
    }
}

use layers::{Centered, Gate, Wrong};

network! {
    const WIDTH: usize = 5;

    extern layer layers::Nonlinear5 as Wide(x: [8]) -> (y: [WIDTH]);
    extern layer layers::Nonlinear5 as Same(x: [5]) -> (y: [5]);
    extern layer Gate(value: [5], gate: [5]) -> (gated: [5]);
    extern layer self::layers::Row(index: u32[1]) -> (row: [3]);
    extern layer Centered(x: [5]) -> (y: [5]);
    extern layer Wrong as Square(x: [2, 3]) -> (y: [2, 3]);

    /// Alone, shared, in a template and in an inner network.
    pub network Mine(x: [8], kind: u32[1]) -> (sum: [2]) {
        layer seen = Wide -> Same;
        let a = x -> seen;
        let b = x -> tanh -> seen;
        let gated = (gate = b, value = a) -> Gate;
        let known = kind -> Row;
        let sum = (gated -> twice, x -> Part, known) -> Concat -> Dense(2);
        loss sum: MeanSquaredError;
    }

    block twice(x) {
        x -> Same -> Same
    }

    network Part(x: [8]) -> (part: [5]) {
        let part = x -> Wide -> Centered;
    }

    network Builtin(x: [8]) -> (y: [5]) {
        let y = x -> Dense(5) -> tanh -> Dense(5) -> tanh;
        loss y: MeanSquaredError;
    }

    network Own(x: [8]) -> (y: [5]) {
        let y = x -> Wide -> Same;
        loss y: MeanSquaredError;
    }

    /// One call for the steps of all samples.
    network Steps(x: [4, 8]) -> (y: [4, 5]) {
        layer seen = Wide -> Same;
        let y = x -> TimeDistributed(seen -> Same);
        loss y: MeanSquaredError;
    }

    network Squares(x: [2, 3]) -> (y: [2, 3]) {
        let y = x -> Square;
    }
}

fn samples(count: usize) -> MineSamples {
    let kind = (0..count as u32).map(|index| index * 7 % 10).collect();
    MineSamples { x: batch(count, 1), kind: Batch::from_vec(kind).unwrap(), sum: batch(count, 2) }
}

#[test]
fn weights_have_names_and_are_counted() {
    let names: Vec<_> = named(&Mine::new(1)).into_iter().map(|(name, values)| (name, values.len())).collect();
    let expected = [
        ("seen_wide.kernel", 40),
        ("seen_wide.bias", 5),
        ("seen_same.kernel", 25),
        ("seen_same.bias", 5),
        ("known_row.table", 30),
        ("sum_twice_same.kernel", 25),
        ("sum_twice_same.bias", 5),
        ("sum_twice_same_2.kernel", 25),
        ("sum_twice_same_2.bias", 5),
        ("sum_part.part_wide.kernel", 40),
        ("sum_part.part_wide.bias", 5),
        ("sum_dense.kernel", 26),
        ("sum_dense.bias", 2),
    ];
    assert_eq!(names, expected.map(|(name, len)| (name.to_owned(), len)));
    assert_eq!(Mine::PARAMETERS, expected.iter().map(|(_, len)| len).sum::<usize>());
    let summary = Mine::summary().to_string();
    assert!(summary.contains("known_row (Row)"), "{summary}");
    assert!(summary.contains("gated_gate (Gate)"), "{summary}");
}

#[test]
fn gradients_are_those_of_finite_differences() -> Result<(), Error> {
    let check = GradientCheck::default().indices_below(10);
    check.of(&Mine::new(3))?;
    check.samples(1).seed(5).of(&Mine::new(4))?;
    check.of(&Own::new(5))?;
    check.of(&Builtin::new(5))?;
    check.of(&Steps::new(6))?;
    let error = check.of(&Squares::new(1)).unwrap_err().to_string();
    assert!(error.starts_with("the gradient by element 0 of the input `x` is "), "{error}");
    Ok(())
}

#[test]
fn a_step_is_a_sample_where_it_stands_alone() -> Result<(), Error> {
    let steps = Steps::new(3);
    let own = Own { y_wide: steps.seen_wide.clone(), y_same: steps.seen_same.clone() };
    let x = batch::<Shape2<4, 8>>(3, 1);
    let rows: Batch<Shape1<5>> = own.predict(&Batch::from_vec(x.data().to_vec())?)?.y;
    let after = OwnLayer::<layers::Nonlinear5, Shape1<5>>::clone(&steps.y_same);
    let again = after.predict(LayerInputs::new(&[Tensor::F32(rows.data())])?)?;
    assert_eq!(steps.predict(&x)?.y.data(), again);
    Ok(())
}

#[test]
fn what_is_built_in_learns_the_same() -> Result<(), Error> {
    let (mut own, mut builtin) = (Own::new(7), Builtin::new(7));
    let layers = [(&mut own.y_wide, &mut builtin.y_dense)];
    for (own, builtin) in layers {
        own["kernel"].values_mut().copy_from_slice(builtin.kernel.values());
    }
    own.y_same["kernel"].values_mut().copy_from_slice(builtin.y_dense_2.kernel.values());
    let (x, y) = (batch(70, 3), batch(70, 4));
    let mut own = Trainer::new(own, Adam::new(0.01));
    let mut builtin = Trainer::new(builtin, Adam::new(0.01));
    own.fit(&OwnSamples { x: x.clone(), y: y.clone() }).epochs(5).silent().run()?;
    builtin.fit(&BuiltinSamples { x, y }).epochs(5).silent().run()?;
    for (own, builtin) in weights(own.network()).iter().zip(weights(builtin.network())) {
        assert!((own - builtin).abs() < 1e-4, "{own} and {builtin}");
    }
    Ok(())
}

#[test]
fn files_hold_them_and_a_run_resumes_to_the_bit() -> Result<(), Error> {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let samples = samples(40);
    let mut trainer = Trainer::new(Mine::new(1), Adam::new(0.01));
    trainer.fit(&samples).epochs(2).silent().run()?;
    trainer.network().save(path("net.safetensors"))?;
    assert_eq!(bits(&Mine::load(path("net.safetensors"))?), bits(trainer.network()));

    trainer.save_state(path("state"))?;
    trainer.fit(&samples).epochs(2).silent().run()?;
    let mut resumed = Trainer::<Mine, Adam>::load_state(path("state"), Adam::new(0.01))?;
    resumed.fit(&samples).epochs(2).silent().run()?;
    assert_eq!(bits(resumed.network()), bits(trainer.network()));
    Ok(())
}

#[test]
fn threads_change_nothing() {
    let run = || {
        let mut trainer = Trainer::new(Mine::new(1), Adam::new(0.01));
        trainer.fit(&samples(200)).batch_size(100).epochs(2).silent().run().unwrap();
        bits(trainer.network())
    };
    let expected = run();
    everywhere(|| assert_eq!(run(), expected));
}

#[test]
fn an_error_of_a_layer_is_that_of_the_pass() {
    let mut wrong = samples(3);
    wrong.kind = Batch::from_vec(vec![0, 10, 1]).unwrap();
    let error = Mine::new(1).predict(&wrong).unwrap_err().to_string();
    assert_eq!(error, "there is no row 10");
}

#[test]
fn gradients_of_a_use_that_nobody_asks_for_are_left_out() -> Result<(), Error> {
    let (net, samples) = (Mine::new(2), samples(4));
    let mut workspace = MineWorkspace::new(4);
    let mut gradients = MineGradients::zeros();
    net.forward(&samples, Mode::Training, &mut workspace)?;
    net.backward(&samples, &samples, &mut workspace, &mut gradients)?;
    let alone = gradient_values(&gradients);
    net.forward(&samples, Mode::Training, &mut workspace)?;
    let by_inputs = net.backward_inputs(&samples, &samples, &mut workspace)?.x.to_batch();
    net.forward(&samples, Mode::Training, &mut workspace)?;
    let both = net.backward_both(&samples, &samples, &mut workspace, &mut gradients)?;
    assert_eq!(both.x.to_batch(), by_inputs);
    assert_eq!(gradient_values(&gradients), alone);
    assert!(gradients.known_row["table"].values().iter().any(|gradient| *gradient != 0.0));
    Ok(())
}

#[test]
#[should_panic(expected = "the layer has no weight `gain`; its weights are [\"kernel\", \"bias\"]")]
fn a_weight_that_is_not_there_is_told() {
    let _ = &Own::new(1).y_wide["gain"];
}
