//! Every visibility; public networks around private ones; networks in functions and blocks.

use net_runtime::{Batch, network};

network! {
    const CODE: usize = 4;

    network Private(image: [8]) -> (code: [CODE]) {
        let code = image -> Dense(CODE) -> relu;
    }

    pub(self) network InModule(image: [8]) -> (code: [CODE]) {
        let code = image -> Private;
    }

    pub(super) network Above(image: [8]) -> (code: [CODE]) {
        layer inner = InModule;
        let code = image -> inner;
    }

    pub(crate) network InCrate(image: [8]) -> (code: [CODE]) {
        let code = image -> Private -> Dense(CODE);
        loss code: MeanSquaredError;
    }

    pub(in crate::visibility) network Within(image: [8]) -> (code: [CODE]) {
        let code = image -> InCrate;
    }

    /// Public, with every other one inside.
    pub network Public(image: [8]) -> (sum: [CODE]) {
        let sum = (image -> Private, image -> InModule, image -> Above, image -> InCrate, image -> Within) -> Add;
        loss sum: MeanSquaredError;
        metric sum: MeanAbsoluteError;
    }
}

/// Public, and nothing of it is seen from outside.
mod hidden {
    net_runtime::network! {
        pub(crate) network Hidden(image: [8]) -> (code: [2]) {
            let code = image -> Dense(2);
        }
    }
}

/// A network as large as its function.
pub fn local() -> Result<f32, net_runtime::Error> {
    network! {
        network Local(row: [2]) -> (sum: [1]) {
            let sum = row -> Dense(1);
            loss sum: MeanSquaredError;
        }
    }
    let twice = {
        network! {
            network Local(row: [2]) -> (sum: [2]) {
                let sum = row -> Dense(2);
            }
        }
        Local::PARAMETERS
    };
    assert_eq!((Local::PARAMETERS, twice), (3, 6));
    Ok(Local::new(1).predict(&Batch::zeros(1))?.sum.data()[0])
}

pub(crate) fn run() -> Result<(), net_runtime::Error> {
    assert_eq!(Public::new(1).predict(&Batch::zeros(2))?.sum.len(), 2);
    assert_eq!(Within::new(1).predict(&Batch::zeros(2))?.code.len(), 2);
    assert_eq!(hidden::Hidden::new(1).predict(&Batch::zeros(2))?.code.len(), 2);
    local().map(drop)
}
