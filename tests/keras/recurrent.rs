//! `Lstm`, `Gru`, `SimpleRnn`: the last hidden state and all of them, states that go in and come out,
//! masks, and every gradient.

flow_tests! { "recurrent" and "initial", names kind, upstream get, gradients harness::check_gradients;
    last (x: [6, 5]) -> (y: [7]) { let y = x -> Lstm(7); }
    last_one_sample (x: [6, 5]) -> (y: [7]) { let y = x -> Lstm(7); }
    last_one_step (x: [1, 5]) -> (y: [7]) { let y = x -> Lstm(7); }
    last_one_unit (x: [6, 5]) -> (y: [1]) { let y = x -> Lstm(1); }
    last_wide (x: [4, 17]) -> (y: [33]) { let y = x -> Lstm(33); }
    last_no_bias (x: [6, 5]) -> (y: [7]) { let y = x -> Lstm(7, bias = false); }
    sequences (x: [6, 5]) -> (y: [6, 7]) { let y = x -> Lstm(7, sequences = true); }
    sequences_long (x: [40, 3]) -> (y: [40, 5]) { let y = x -> Lstm(5, sequences = true); }
    sequences_no_bias (x: [6, 5]) -> (y: [6, 7]) { let y = x -> Lstm(7, sequences = true, bias = false); }
    last_initial (x: [6, 5], h: [7], c: [7]) -> (y: [7]) { let y = (x, h, c) -> Lstm(7); }
    sequences_initial (x: [6, 5], h: [7], c: [7]) -> (y: [6, 7]) { let y = (x, h, c) -> Lstm(7, sequences = true); }
    last_states (x: [6, 5]) -> (y: [7], last_h: [7], last_c: [7]) {
        let (y, last_h, last_c) = x -> Lstm(7, states = true);
    }
    sequences_states (x: [6, 5]) -> (y: [6, 7], last_h: [7], last_c: [7]) {
        let (y, last_h, last_c) = x -> Lstm(7, sequences = true, states = true);
    }
    everything (x: [6, 5], h: [7], c: [7]) -> (y: [6, 7], last_h: [7], last_c: [7]) {
        let (y, last_h, last_c) = (x, h, c) -> Lstm(7, sequences = true, states = true);
    }
    only_last_c (x: [6, 5], h: [7], c: [7]) -> (y: [6, 7], last_h: [7], last_c: [7]) {
        let (y, last_h, last_c) = (x, h, c) -> Lstm(7, sequences = true, states = true);
    }
    only_last_h (x: [6, 5], h: [7], c: [7]) -> (y: [6, 7], last_h: [7], last_c: [7]) {
        let (y, last_h, last_c) = (x, h, c) -> Lstm(7, sequences = true, states = true);
    }
    reverse (x: [6, 5]) -> (y: [6, 7], last_h: [7], last_c: [7]) {
        let (y, last_h, last_c) = x -> Lstm(7, sequences = true, states = true, reverse = true);
    }
    functions (x: [6, 5], h: [7], c: [7]) -> (y: [6, 7], last_h: [7], last_c: [7]) {
        let (y, last_h, last_c) = (x, h, c)
            -> Lstm(7, activation = softsign, recurrent_activation = hard_sigmoid, sequences = true, states = true);
    }
    gru_functions (x: [6, 5], h: [7]) -> (y: [6, 7]) {
        let y = (x, h) -> Gru(7, activation = elu, recurrent_activation = hard_sigmoid, sequences = true);
    }
    gru_functions_reset_before (x: [6, 5]) -> (y: [6, 7]) {
        let y = x
            -> Gru(7, activation = softplus, recurrent_activation = softsign, reset_after = false, sequences = true);
    }
    gru_last (x: [6, 5]) -> (y: [7]) { let y = x -> Gru(7); }
    gru_one_step (x: [1, 5]) -> (y: [1], last_h: [1]) { let (y, last_h) = x -> Gru(1, states = true); }
    gru_everything (x: [6, 5], h: [7]) -> (y: [6, 7], last_h: [7]) {
        let (y, last_h) = (x, h) -> Gru(7, sequences = true, states = true);
    }
    gru_reset_before (x: [6, 5], h: [7]) -> (y: [6, 7], last_h: [7]) {
        let (y, last_h) = (x, state = h) -> Gru(7, sequences = true, states = true, reset_after = false);
    }
    gru_reset_before_last (x: [6, 5]) -> (y: [7]) { let y = x -> Gru(7, reset_after = false); }
    gru_reverse_no_bias (x: [6, 5]) -> (y: [6, 7]) {
        let y = x -> Gru(7, sequences = true, reverse = true, bias = false);
    }
    simple_last (x: [6, 5]) -> (y: [7]) { let y = x -> SimpleRnn(7); }
    simple_everything (x: [6, 5], h: [7]) -> (y: [6, 7], last_h: [7]) {
        let (y, last_h) = (x, h) -> SimpleRnn(7, activation = relu, sequences = true, states = true);
    }
    simple_reverse_no_bias (x: [6, 5]) -> (y: [7]) { let y = x -> SimpleRnn(7, reverse = true, bias = false); }
    masked (x: [6, 5], h: [7], c: [7], m: [6]) -> (y: [6, 7], last_h: [7], last_c: [7]) {
        let (y, last_h, last_c) = (x, h, c, mask = m) -> Lstm(7, sequences = true, states = true);
    }
    masked_last (x: [6, 5], h: [7], c: [7], m: [6]) -> (y: [7], last_h: [7], last_c: [7]) {
        let (y, last_h, last_c) = (x, h, c, mask = m) -> Lstm(7, states = true);
    }
    gru_masked (x: [6, 5], h: [7], m: [6]) -> (y: [6, 7], last_h: [7]) {
        let (y, last_h) = (x, h, mask = m) -> Gru(7, sequences = true, states = true);
    }
    gru_masked_reverse (x: [6, 5], m: [6]) -> (y: [7]) {
        let y = (x, mask = m) -> Gru(7, reset_after = false, reverse = true);
    }
    simple_masked (x: [6, 5], m: [6]) -> (y: [6, 7]) { let y = (x, mask = m) -> SimpleRnn(7, sequences = true); }
}

/// How weights begin: as Keras's do, though with other numbers.
mod initial {
    use net_runtime::prelude::*;

    use tests_common::keras::answers::Answers;
    use tests_common::keras::compare::Tolerance;

    network! {
        network Net(x: [4, 20]) -> (y: [33]) {
            let y = x -> Lstm(33);
        }
    }

    #[test]
    fn is_as_in_keras() {
        let answers = Answers::read("recurrent");
        let case = answers.case("initial");
        let [units, inputs] = ["units", "inputs"].map(|name| case.at(name).count());
        let weights = Net::new(1).y_lstm;
        assert_eq!(weights.kernel.dims(), [inputs, 4 * units]);
        let limit = case.at("kernel").at("largest").number();
        let largest = weights.kernel.values().iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
        assert!((0.99 * limit..limit).contains(&f64::from(largest)));
        let rows: Vec<_> = weights.recurrent_kernel.values().chunks(4 * units).collect();
        for (first, second) in (0..units).flat_map(|first| (0..units).map(move |second| (first, second))) {
            let product: f64 = rows[first].iter().zip(rows[second]).map(|(a, b)| f64::from(a * b)).sum();
            assert!((product - f64::from(u8::from(first == second))).abs() < 1e-5);
        }
        case.at("bias").check(weights.bias.values(), Tolerance::EXACT);
    }
}
