use net_runtime::prelude::*;

network! {
    network Speech(sound: [20, 8], picture: [6]) -> (text: [20, 5], word: [5], letters: [20, 5]) {
        let text = sound -> Dense(5) -> softmax;
        let word = picture -> Dense(5) -> softmax;
        let letters = sound -> Dense(5);
        loss text: Ctc(labels = 21);
        loss word: Ctc(labels = 3);
        loss letters: Ctc;
    }
}

network! {
    network Spelling(sound: [20, 8]) -> (text: [20, 5], letters: [20, 5]) {
        let text = sound -> Dense(5) -> softmax;
        let letters = sound -> Dense(5);
        loss text: Ctc(labels = 20, blank = 0);
        loss letters: Ctc(labels = 4);
    }
}

network! {
    network Steps(sound: [20, 8]) -> (text: [20, 5]) {
        let text = sound -> Dense(5) -> softmax;
        loss text: Ctc(labels = 9);
        metric text: Accuracy;
    }
}

fn main() {}
