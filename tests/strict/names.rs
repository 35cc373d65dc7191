//! Names that are also those of generated locals, fields and functions, and names in other scripts.

use net_runtime::{Batch, Gradients, Mode, network};

network! {
    network Locals(
        x: [2], n: [2], inputs: [2], samples: [2], self_: [2], workspace: [2], arena: [2], mode: [2], slots: [2], given: [2]
    ) -> (loss: [1], metric: [1], outputs: [1], gradients: [1], write: [1], y: [1], dy: [1], weighted: [1], losses: [1]) {
        let loss = (x, n) -> Add -> Dense(1);
        let metric = (inputs, samples) -> Add -> Dense(1);
        let outputs = (self_, workspace) -> Mul -> Dense(1);
        let gradients = (arena, mode) -> Sub -> Dense(1);
        let write = (slots, given) -> Concat -> Dense(1) -> relu;
        let y = x -> Dense(1) -> softplus;
        let dy = x -> Dense(1) -> tanh;
        let weighted = x -> Dense(1);
        let losses = x -> Dense(1) -> sigmoid;
        loss loss: MeanSquaredError;
        loss metric: MeanSquaredError;
        loss outputs: MeanSquaredError;
        loss gradients: MeanSquaredError;
        loss write: MeanSquaredError;
        loss y: MeanSquaredError;
        loss dy: MeanSquaredError;
        loss weighted: 2.0 * MeanSquaredError;
        loss losses: BinaryCrossentropy;
        metric losses: Accuracy;
        metric loss: MeanAbsoluteError;
    }

    network Words(
        network: [2], layer: [2], block: [2], kernel: [2], bias: [2], params: [2], union: [2], auto: [2], default: [2], raw: [2]
    ) -> (step: [2], seed: [2]) {
        layer padding = Dense(2, name = batch);
        let axis = (network, layer, block, kernel, bias) -> Add -> padding;
        let step = (axis, params, union) -> Maximum;
        let seed = (auto, default, raw) -> Average -> padding;
    }

    network Überwachung(größe: [2]) -> (länge: [1]) {
        let länge = größe -> Dense(1, name = gewicht);
        loss länge: MeanSquaredError;
    }

    network X(x: [1]) -> (y: [1]) {
        let y = x -> Dense(1);
        loss y: MeanSquaredError;
    }
}

pub(crate) fn run() -> Result<(), net_runtime::Error> {
    let net = Locals::new(1);
    let samples = LocalsSamples {
        x: Batch::zeros(1),
        n: Batch::zeros(1),
        inputs: Batch::zeros(1),
        samples: Batch::zeros(1),
        self_: Batch::zeros(1),
        workspace: Batch::zeros(1),
        arena: Batch::zeros(1),
        mode: Batch::zeros(1),
        slots: Batch::zeros(1),
        given: Batch::zeros(1),
        loss: Batch::zeros(1),
        metric: Batch::zeros(1),
        outputs: Batch::zeros(1),
        gradients: Batch::zeros(1),
        write: Batch::zeros(1),
        y: Batch::zeros(1),
        dy: Batch::zeros(1),
        weighted: Batch::zeros(1),
        losses: Batch::zeros(1),
    };
    let (mut workspace, mut gradients) = (LocalsWorkspace::new(1), LocalsGradients::zeros());
    net.forward(&samples, Mode::Training, &mut workspace)?;
    assert!(net.losses(&samples, &workspace)?.total.is_finite());
    net.backward(&samples, &samples, &mut workspace, &mut gradients)?;
    let mut count = 0;
    gradients.visit(&mut |_, _| count += 1);
    assert_eq!(count, 18);
    assert_eq!(Überwachung::new(1).predict(&Batch::zeros(2))?.länge.len(), 2);
    assert_eq!(X::new(1).predict(&Batch::zeros(2))?.y.len(), 2);
    Words::summary();
    Ok(())
}
