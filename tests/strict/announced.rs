//! Networks of other modules in public and private ones: what is generated does not blame anybody for how visible they
//! are, nor for a path that could be shorter.

use net_runtime::{Batch, network};

mod models {
    net_runtime::network! {
        /// As visible as can be, in a private module.
        pub network Public(image: [8]) -> (code: [4], unused: [8]) {
            let code = image -> Dense(4) -> relu;
            let unused = image -> Dropout(0.1);
        }

        pub(super) network Hidden(_words: u32[3], image: [8]) -> (code: [4]) {
            let code = image -> Dense(4) -> relu;
        }

        pub(super) network Weightless(image: [8]) -> (code: [8]) {
            let code = image -> relu;
        }
    }
}

use models::Weightless;

/// Twice.
#[derive(Clone, Copy, Debug)]
pub struct Double;

impl<S: net_runtime::Shape> net_runtime::layers::Layer<S> for Double {
    const OUTPUT: &'static [usize] = S::DIMS;

    fn forward(pass: net_runtime::layers::Forward<'_>) -> Result<(), net_runtime::Error> {
        pass.y.iter_mut().zip(pass.x[0].numbers()).for_each(|(y, x)| *y = 2.0 * x);
        Ok(())
    }

    fn backward(pass: net_runtime::layers::Backward<'_>) {
        if let Some(dx) = &mut pass.dx[0] {
            dx.iter_mut().zip(pass.dy).for_each(|(dx, dy)| *dx = 2.0 * dy);
        }
    }
}

network! {
    extern network crate::announced::models::Public(image: [8]) -> (code: [4], unused: [8]);
    extern network self::models::Hidden as Eye(_words: u32[3], image: [8]) -> (code: [4]);
    extern network Weightless(image: [8]) -> (code: [8]);
    extern layer crate::announced::Double(x: [8]) -> (y: [8]);

    /// Public, with private ones inside.
    pub network Outer(words: u32[3], image: [8], arena: [8]) -> (sum: [4], seen: [8], code: [8]) {
        layer workspace = Eye;
        let (a, _) = image -> Public;
        let b = (words, image) -> workspace;
        let c = (image = arena, _words = words) -> workspace;
        let code = image -> Weightless;
        let (_, seen) = code -> Public(name = share_workspaces);
        let sum = (a, b, c) -> Add;
        loss sum: MeanSquaredError;
        loss seen: MeanSquaredError;
    }

    /// Nothing but what is announced, and no weights of its own.
    pub(crate) network Only(image: [8]) -> (code: [8]) {
        let code = image -> Weightless -> Double;
    }

    network Around(words: u32[3], image: [8]) -> (code: [8]) {
        let (_, _, code) = (words, image, image) -> Outer;
    }
}

pub(crate) fn run() -> Result<(), net_runtime::Error> {
    let (words, image) = (Batch::zeros(2), Batch::zeros(2));
    let outputs =
        Outer::new(1).predict(OuterInputs { words: words.view(), image: image.view(), arena: image.view() })?;
    assert_eq!(outputs.sum.len(), 2);
    assert_eq!(Only::new(1).predict(&image)?.code.len(), 2);
    assert_eq!(Around::new(1).predict(AroundInputs { words: words.view(), image: image.view() })?.code.len(), 2);
    assert_eq!(Only::PARAMETERS, 0);
    Ok(())
}
