//! What equal numbers can become where a layer draws which of them it drops.

use net_runtime::RandomKey;
use net_runtime::layers::{AlphaDropout, Dropout};

use tests_common::keras::answers::Answers;

const KEY: RandomKey = RandomKey { seed: 1, step: 1 };
const LEN: usize = 1000;

#[test]
fn equal_numbers_become_what_they_do_in_keras() {
    let answers = Answers::read("noise");
    for (name, case) in answers.root().at("cases").fields() {
        let rate = case.at("config").at("rate").number() as f32;
        let x = vec![case.at("given").at("x").number() as f32; LEN];
        let mut y = vec![f32::NAN; LEN];
        match case.at("layer").text() {
            "AlphaDropout" => AlphaDropout { len: LEN, rate, layer: 0 }.forward(1, &x, &mut y, KEY),
            "Dropout" => Dropout { len: LEN, rate, layer: 0 }.forward(1, &x, &mut y, KEY),
            other => panic!("no layer is `{other}`"),
        }
        y.sort_by(f32::total_cmp);
        let dropped = y.iter().filter(|value| **value == y[0]).count();
        y.dedup();
        let values = case.at("values").numbers();
        assert_eq!(y.len(), values.len(), "{name}");
        let near = |(found, value): (&f32, &f64)| (f64::from(*found) - value).abs() <= 1e-6 * (1.0 + value.abs());
        assert!(y.iter().zip(&values).all(near), "{name}: {y:?} for {values:?}");
        // In all of them, the smaller one is what is dropped or replaced, but where x lies left of it.
        let share = dropped as f64 / LEN as f64;
        let expected = if name == "alpha_dropout_half" { 0.5 } else { f64::from(rate) };
        assert!((share - expected).abs() < 0.06, "{name}: {share}");
    }
}
