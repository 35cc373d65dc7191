//! Layers without weights over steps, images and volumes: windows, all places, borders.

layer_tests! { "spatial";
    EXACT {
        max_1d (x: [7, 3]) -> [3, 3] { MaxPool1d(2) }
        global_max_1d (x: [7, 3]) -> [3] { GlobalMaxPool1d }
        max_3d (x: [4, 5, 6, 2]) -> [2, 2, 3, 2] { MaxPool3d(2) }
        max_3d_same (x: [3, 5, 4, 2]) -> [2, 2, 4, 2] { MaxPool3d((2, 3, 1), padding = same) }
        global_max_3d (x: [2, 3, 4, 3]) -> [3] { GlobalMaxPool3d }
        zero_pad_1d (x: [4, 3]) -> [7, 3] { ZeroPad1d((1, 2)) }
        zero_pad_3d (x: [2, 3, 2, 2]) -> [3, 5, 4, 2] { ZeroPad3d(((1, 0), (0, 2), (1, 1))) }
        crop_1d (x: [6, 3]) -> [3, 3] { Crop1d((1, 2)) }
        crop_2d (x: [5, 6, 2]) -> [4, 1, 2] { Crop2d(((1, 0), (2, 3))) }
        crop_3d (x: [4, 3, 5, 2]) -> [2, 2, 3, 2] { Crop3d(((1, 1), (0, 1), (2, 0))) }
    }
    LAYER {
        adaptive_2d (x: [5, 7, 2]) -> [3, 5, 2] { AdaptiveMaxPool2d((3, 5)) }
        adaptive_1d (x: [7, 3]) -> [3, 3] { AdaptiveAvgPool1d(3) }
        adaptive_3d (x: [3, 4, 2, 2]) -> [2, 2, 2, 2] { AdaptiveAvgPool3d(2) }
    }
    ELEMENTWISE {
        max_1d_same (x: [8, 2]) -> [4, 2] { MaxPool1d(3, stride = 2, padding = same) }
        max_1d_ties (x: [8, 2]) -> [6, 2] { MaxPool1d(3, stride = 1) }
        average_1d (x: [9, 2]) -> [4, 2] { AvgPool1d(3, stride = 2) }
        average_1d_same (x: [7, 3]) -> [4, 3] { AvgPool1d(2, padding = same) }
        global_max_1d_ties (x: [8, 2]) -> [2] { GlobalMaxPool1d }
        global_average_1d (x: [7, 3]) -> [3] { GlobalAvgPool1d }
        average_3d (x: [4, 5, 6, 2]) -> [2, 5, 2, 2] { AvgPool3d((2, 1, 3)) }
        average_3d_same (x: [3, 4, 5, 1]) -> [3, 2, 3, 1] { AvgPool3d(3, stride = (1, 2, 2), padding = same) }
        global_average_3d (x: [2, 3, 4, 3]) -> [3] { GlobalAvgPool3d }
    }
}

mod masked {
    use net_runtime::prelude::*;

    use tests_common::keras::answers::Answers;
    use tests_common::keras::compare::Tolerance;
    use tests_common::keras::harness;

    network! {
        network Net(x: [5, 3], mask: [5]) -> (y: [3]) {
            let y = (x, mask = mask) -> GlobalAvgPool1d;
        }
    }

    #[test]
    fn is_as_in_keras() -> Result<(), Error> {
        let answers = Answers::read("masked");
        let case = answers.case("mean");
        let given = case.at("given");
        let (x, mask) = (harness::batch(&given.at("x")), harness::batch(&given.at("mask")));
        let upstream = harness::batch(&given.at("upstream"));
        let inputs = NetInputs { x: x.view(), mask: mask.view() };
        let mut workspace = NetWorkspace::new(1);
        let net = Net::new(0);
        let output = net.forward(inputs, Mode::Training, &mut workspace)?.y;
        case.at("output").check(output.data(), Tolerance::LAYER);
        let upstream = NetOutputGradients { y: Some(upstream.view()) };
        let by_inputs = net.backward_inputs(inputs, upstream, &mut workspace)?;
        case.at("gradients").at("x").check(by_inputs.x.data(), Tolerance::LAYER);
        Ok(())
    }

    #[test]
    fn every_case_is_compared() {
        harness::assert_all_compared("masked", &["mean"]);
    }
}
