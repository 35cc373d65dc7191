//! Documentation, lints and conditions on networks, and networks that nobody uses.

use net_runtime::Batch;

net_runtime::network! {
    /// Finds one object in an image: what it is, and where it is.
    ///
    /// ```text
    /// image -> (class, location)
    /// ```
    #[must_use]
    pub network Detector(image: [12, 12, 3]) -> (class: [10], location: [4], mask: [5, 5, 1]) {
        let features = image -> Conv2d(4, 3) -> relu -> MaxPool2d(2);
        let mask = features -> Conv2d(1, 3, padding = same) -> sigmoid;
        let class = features -> Flatten -> Dropout(0.25) -> Dense(10) -> softmax;
        let location = features -> GlobalAvgPool2d -> Dense(4) -> sigmoid;
        loss class: SparseCategoricalCrossentropy;
        loss location: 2.0 * MeanSquaredError + Huber(0.5);
        loss mask: BinaryCrossentropy;
        metric class: Accuracy, TopK(3);
        metric location: MeanAbsoluteError;
    }

    /// Not in this build, and neither are its relatives.
    #[cfg(any())]
    pub network Detached(image: [8]) -> (class: [2]) {
        let class = image -> Dense(2) -> softmax;
        loss class: CategoricalCrossentropy;
    }

    /// In this build.
    #[cfg(all())]
    pub network Attached(image: [8]) -> (class: [2]) {
        let class = image -> Dense(2) -> softmax;
        metric class: Accuracy;
    }

    /// Reads classes.
    pub network Unused(_text: u32[8], row: [3]) -> (sum: [2]) {
        layer read = Dense(4) -> tanh -> Dense(2);
        layer _spare = Dense(3);
        let _ignored = row -> Dense(7);
        let sum = row -> read;
    }
}

/// Uses some of what is generated.
pub(crate) fn run() -> Result<(), net_runtime::Error> {
    let found = Detector::new(1).predict(&Batch::zeros(2))?;
    assert_eq!((found.class.len(), found.mask.len()), (2, 2));
    let attached = Attached::new(1).predict(&Batch::zeros(2))?;
    assert_eq!(attached.class.len(), 2);
    Ok(())
}
