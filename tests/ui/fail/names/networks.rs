use net_runtime::prelude::*;

network! {
    network Digits(image: [64]) -> (class: [10]) {
        let class = image -> Dense(10) -> softmax;
    }

    network Letters(image: [64]) -> (class: [26]) {
        let class = image -> Dense(26) -> softmax;
    }

    network Letters(image: [32]) -> (class: [26]) {
        let class = image -> Dense(26) -> softmax;
    }

    network DigitsOutput(image: [64]) -> (class: [10]) {
        let class = image -> Dense(10) -> softmax;
    }

    network LettersInputs(image: [32]) -> (class: [26]) {
        let class = image -> Dense(26) -> softmax;
    }
}

fn main() {}
