//! `Bidirectional` and `TimeDistributed`: their results, and every gradient. Weights and their gradients go by their whole names.

flow_tests! { "wrappers", names whole, upstream at, gradients harness::check_gradients;
    last (x: [4, 3]) -> (y: [10]) { let y = x -> Bidirectional(Lstm(5)); }
    sequences (x: [4, 3]) -> (y: [4, 5]) { let y = x -> Bidirectional(Lstm(5, sequences = true), merge = sum); }
    average (x: [4, 3]) -> (y: [4, 5]) { let y = x -> Bidirectional(Gru(5, sequences = true), merge = ave); }
    other_backward (x: [4, 3]) -> (y: [4, 10]) {
        let y = x
            -> Bidirectional(SimpleRnn(5, sequences = true), backward = SimpleRnn(5, activation = relu, sequences = true));
    }
    masked (x: [4, 3], m: [4]) -> (y: [4, 5]) {
        let y = (x, mask = m) -> Bidirectional(Lstm(5, sequences = true), merge = mul);
    }
    masked_last (x: [4, 3], m: [4]) -> (y: [10]) { let y = (x, mask = m) -> Bidirectional(Gru(5)); }
    states (x: [4, 3], a: [5], b: [5], c: [5], d: [5])
        -> (y: [4, 10], last_1: [5], last_2: [5], last_3: [5], last_4: [5])
    {
        let (y, last_1, last_2, last_3, last_4) = (x, forward_h = a, forward_c = b, backward_h = c, backward_c = d)
            -> Bidirectional(Lstm(5, sequences = true, states = true));
    }
    both_results (x: [4, 3], m: [4]) -> (y: [4, 5], second: [4, 5], last_1: [5], last_2: [5]) {
        let (y, second, last_1, last_2) = (x, mask = m)
            -> Bidirectional(Gru(5, sequences = true, states = true), merge = none);
    }
    each_step (x: [4, 6, 5, 2]) -> (y: [4, 4]) {
        let y = x -> TimeDistributed(Conv2d(3, 3) -> relu -> MaxPool2d(2) -> Flatten -> Dense(4));
    }
    nested (x: [2, 3, 5]) -> (y: [2, 3, 4]) { let y = x -> TimeDistributed(TimeDistributed(Dense(4))); }
}
