//! Sequences of labels, against all ways to lay them along the steps.

use super::*;

const LOGITS: Ctc = Ctc { input: Input::Logits };

/// Minus the logarithm of the summed probability of every way that spells the labels: all combinations of classes.
fn by_enumeration(logits: &[f64], classes: usize, labels: &[u32]) -> f64 {
    let rows: Vec<Vec<f64>> = logits.chunks(classes).map(softmax).collect();
    let mut sum = 0.0;
    for number in 0..classes.pow(rows.len() as u32) {
        let way: Vec<usize> = (0..rows.len()).map(|step| number / classes.pow(step as u32) % classes).collect();
        let mut spelt = Vec::new();
        for (step, &class) in way.iter().enumerate() {
            if class != 0 && (step == 0 || way[step - 1] != class) {
                spelt.push(class as u32);
            }
        }
        if spelt == labels {
            sum += way.iter().zip(&rows).map(|(&class, row)| row[class]).product::<f64>();
        }
    }
    -f64::ln(sum)
}

#[test]
fn it_is_the_sum_over_all_ways() {
    for (steps, classes, target) in [
        (1, 2, &[1_u32] as &[u32]),
        (1, 3, &[0, 0]),
        (4, 3, &[1, 2, 0]),
        (5, 3, &[1, 1, 2]),
        (3, 4, &[3, 0, 0]),
        (5, 3, &[2, 2, 2]),
        (6, 3, &[1, 2, 1, 0]),
    ] {
        let output = numbers(steps * classes, -2.0, 2.0, steps as u64);
        let labels: Vec<u32> = target.iter().copied().filter(|label| *label != 0).collect();
        let exact = wide(&output);
        let expected = by_enumeration(&exact, classes, &labels);
        let found = LOGITS.value(&output, target, &[steps, classes]);
        assert!((f64::from(found) - expected).abs() < 1e-6 * (1.0 + expected), "{found} for {expected}");
        let mut slopes = vec![f32::NAN; output.len()];
        LOGITS.gradient(&output, target, &[steps, classes], 1.5, &mut slopes, Write::Set);
        let mut added = vec![10.0; output.len()];
        LOGITS.gradient(&output, target, &[steps, classes], 1.5, &mut added, Write::Add);
        for index in 0..output.len() {
            let at = |step: f64| {
                let mut moved = exact.clone();
                moved[index] += step;
                by_enumeration(&moved, classes, &labels)
            };
            let expected = 1.5 * (at(1e-5) - at(-1e-5)) / 2e-5;
            assert!((f64::from(slopes[index]) - expected).abs() < 1e-6, "{index}: {} for {expected}", slopes[index]);
            assert!((added[index] - 10.0 - slopes[index]).abs() < 5e-6);
        }
    }
}

/// Probabilities are what a softmax has made of logits; the gradient goes through it.
#[test]
fn probabilities_are_as_good_as_logits() {
    let logits = numbers(5 * 4, -2.0, 2.0, 41);
    let target = [1, 3, 3, 0];
    let softmax: Vec<f32> = wide(&logits).chunks(4).flat_map(softmax).map(|p| p as f32).collect();
    let (expected, slopes) = both(&LOGITS, &[5, 4], &logits, &target);
    let (found, by_probabilities) = both(&Ctc::default(), &[5, 4], &softmax, &target);
    assert!((found - expected).abs() < 1e-5, "{found} for {expected}");
    for ((p, g), expected) in softmax.chunks(4).zip(by_probabilities.chunks(4)).zip(slopes.chunks(4)) {
        let mean: f32 = p.iter().zip(g).map(|(p, g)| p * g).sum();
        for ((p, g), expected) in p.iter().zip(g).zip(expected) {
            assert!((p * (g - mean) - expected).abs() < 1e-5);
        }
    }
}

/// PyTorch's numbers, where TensorFlow takes a way that ends too early instead, for 706.9.
#[test]
fn logits_far_out_have_the_loss_of_the_likeliest_way() {
    let logits = [1e4, 0.0, -1e4, 0.0, -1e4, 1e4, 1e4, 0.0, 0.0];
    let (value, slopes) = both(&LOGITS, &[3, 3], &logits, &[1, 2]);
    assert_eq!(value, 1e4);
    assert_eq!(slopes, [1.0, -1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
}

#[test]
fn a_logit_of_minus_infinity_rules_a_class_out() {
    let mut logits = [0.0; 6];
    logits[1] = f32::NEG_INFINITY;
    // The label has to be at the second step.
    let (value, slopes) = both(&LOGITS, &[2, 3], &logits, &[1]);
    assert!((value - 6.0_f32.ln()).abs() < 1e-6, "{value}");
    assert!(slopes.iter().all(|slope| slope.is_finite()), "{slopes:?}");
}

/// What has no way at all costs Keras's 706.9 for each end, and moves towards what can be spelt.
#[test]
fn labels_that_need_more_steps_than_there_are_cost_much() {
    let logits = numbers(4 * 5, -1.0, 1.0, 42);
    for target in [&[1_u32, 1, 1, 0, 0] as &[u32], &[1, 2, 3, 4, 1]] {
        let (value, slopes) = both(&LOGITS, &[4, 5], &logits, target);
        assert!(value > 700.0 && value < 1450.0, "{value}");
        for row in slopes.chunks(5) {
            assert!(row.iter().all(|slope| slope.is_finite()) && row.iter().sum::<f32>().abs() < 1e-5, "{slopes:?}");
        }
    }
}

#[test]
fn a_label_that_is_no_class_is_an_error() {
    let error = value(&LOGITS, "text", &[4, 3], 1, &[0.0; 12], &[1, 3], None).unwrap_err();
    assert_eq!(error.to_string(), "target `text` of sample 0 is class 3, but `text` has 3 classes, counted from 0");
    let mut slopes = vec![0.0; 12];
    LOGITS.gradient(&[0.0; 12], &[1, 3], &[4, 3], 1.0, &mut slopes, Write::Set);
    assert!(LOGITS.value(&[0.0; 12], &[1, 3], &[4, 3]).is_nan() && slopes[0].is_nan());
}

/// So many samples that several threads take them, each with memory of its own.
#[test]
fn samples_have_the_same_loss_on_any_number_of_threads() {
    let (n, dims): (usize, &'static [usize]) = (70, &[24, 11]);
    let output = numbers(n * 24 * 11, -3.0, 3.0, 43);
    let target: Vec<u32> = numbers(n * 9, 0.0, 10.99, 44).iter().map(|label| *label as u32).collect();
    let with_threads = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| both(&LOGITS, dims, &output, &target))
    };
    let expected = with_threads(1);
    for sample in [0, 33, 69] {
        let (output, target) = (&output[sample * 264..][..264], &target[sample * 9..][..9]);
        let mut slopes = vec![f32::NAN; 264];
        LOGITS.gradient(output, target, dims, 1.0 / n as f32, &mut slopes, Write::Set);
        assert_eq!(slopes, expected.1[sample * 264..][..264]);
    }
    for threads in [2, 3] {
        assert!(with_threads(threads) == expected, "{threads} threads");
    }
}
