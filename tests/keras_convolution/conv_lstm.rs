//! `ConvLstm1d`, `ConvLstm2d`, `ConvLstm3d`: states that go in and come out, masks, and every gradient.

flow_tests! { "conv_lstm", names kind, upstream get, gradients harness::check_gradients;
    rows (x: [5, 7, 3]) -> (y: [5, 3, 4]) {
        let y = x
            -> ConvLstm1d(4, 3, dilation = 2, activation = softsign, recurrent_activation = hard_sigmoid, sequences = true);
    }
    images (x: [4, 5, 6, 2], h: [5, 6, 3], c: [5, 6, 3], m: [4])
        -> (y: [4, 5, 6, 3], last_h: [5, 6, 3], last_c: [5, 6, 3]) {
        let (y, last_h, last_c) = (x, h, c, mask = m)
            -> ConvLstm2d(3, (3, 2), padding = same, sequences = true, states = true);
    }
    images_strided (x: [3, 7, 8, 3]) -> (y: [3, 2, 2]) {
        let y = x -> ConvLstm2d(2, 3, stride = (2, 3), reverse = true, bias = false);
    }
    volumes (x: [3, 3, 4, 3, 2]) -> (y: [2, 2, 3, 2], last_h: [2, 2, 3, 2], last_c: [2, 2, 3, 2]) {
        let (y, last_h, last_c) = x -> ConvLstm3d(2, (2, 3, 1), states = true);
    }
}
