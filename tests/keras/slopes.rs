//! Slopes that are learnt.

layer_tests! { "slopes";
    LAYER {
        prelu (x: [4, 5]) -> [4, 5] { PRelu }
        prelu_of_channels (x: [5, 4, 7]) -> [5, 4, 7] { PRelu(shared_axes = (height, width)) }
        prelu_of_all (x: [37]) -> [37] { PRelu(shared_axes = features) }
    }
}
