//! Wrong uses of announced networks, told with the announcement's line.

mod models {
    net_runtime::network! {
        pub network Stereo(left: [8, 8, 3], right: [8, 8, 3]) -> (distance: [8, 8, 1], sure: [1]) {
            let both = (left, right) -> Concat;
            let distance = both -> Conv2d(1, 3, padding = same);
            let sure = both -> GlobalAvgPool2d -> Dense(1);
        }

        pub network Encoder(image: [8, 8, 3]) -> (code: [4]) {
            let code = image -> Flatten -> Dense(4);
        }
    }
}

net_runtime::network! {
    extern network models::Stereo(left: [8, 8, 3], right: [8, 8, 3]) -> (distance: [8, 8, 1], sure: [1]);
    extern network models::Encoder(image: [8, 8, 3]) -> (code: [4]);
    extern network models::Encoder(image: [8, 8, 3]) -> (code: [4]);
    extern network models::Stereo as Unused(left: [8, 8, 3], right: [8, 8, 3]) -> (distance: [8, 8, 1], sure: [1]);

    network Shapes(image: [8, 8, 4], numbers: u32[8, 8, 3]) -> (code: [4], other: [4], code_2: [5]) {
        let code = image -> Encoder;
        let other = numbers -> Encoder;
        let code_2 = image -> Conv2d(3, 3, padding = same) -> Encoder;
    }

    network Tuples(a: [8, 8, 3], b: [8, 8, 3]) -> (distance: [8, 8, 1], more: [8, 8, 1], again: [4]) {
        let distance = (left = a, rihgt = b) -> Stereo;
        let (more, _) = a -> Stereo;
        let again = a -> models::Encoder;
    }

    network Stages(a: [8, 8, 3]) -> (code: [4], far: [4]) {
        let code = a -> Encoder(4);
        let far = a -> vision::Encoder;
    }
}

fn main() {
    println!("{}", Shapes::summary());
}
