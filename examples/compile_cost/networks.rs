//! Networks of any length, as the text of a program.
//!
//! A layer is what has a row in Keras's summary with its activation as an argument: a convolution with its relu, a merge,
//! a pool; each use of a shared layer counts.

use std::fmt::Write;

/// How the layers of a network hang together.
#[derive(Clone, Copy, Debug)]
pub enum Family {
    /// Two convolutions and a sum with what went in.
    Residual,
    /// Three branches side by side, joined and made narrow again.
    Branching,
    /// Two images that go through the same weights.
    Shared,
    /// All of these in turn, with dropout and functions that are not fused.
    Mix,
}

impl Family {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Residual, Self::Branching, Self::Shared, Self::Mix];

    /// Its name in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Residual => "residual",
            Self::Branching => "branching",
            Self::Shared => "shared",
            Self::Mix => "mix",
        }
    }
}

/// The body of a `network!` block with a network `Net` of so many layers, or a few less: blocks are not cut.
pub fn network(family: Family, layers: usize) -> String {
    let mut text = Text { statements: String::new(), layers: 0, blocks: 0 };
    text.line("let first = image -> Conv2d(8, 3, padding = same) -> relu;", 1);
    let mut x = ["first".to_owned(), "first".to_owned()];
    // The end takes three layers, and seven is the longest block.
    while text.layers + 3 + 7 <= layers {
        x = match family {
            Family::Residual => text.residual(x),
            Family::Branching => text.branching(x),
            Family::Shared => text.shared(x),
            Family::Mix => match text.blocks % 4 {
                0 => text.residual(x),
                1 => text.branching(x),
                2 => text.shared(x),
                _ => text.unfused(x),
            },
        };
    }
    let [left, right] = x;
    text.line(&format!("let both = ({left}, {right}) -> Add;"), 1);
    text.line("let class = both -> GlobalAvgPool2d -> Dense(4) -> softmax;", 2);
    format!(
        "/// Of {} layers.\nnetwork Net(image: [8, 8, 3]) -> (class: [4]) {{\n{}    loss class: CategoricalCrossentropy;\n    \
         metric class: Accuracy;\n}}\n",
        text.layers, text.statements
    )
}

struct Text {
    statements: String,
    layers: usize,
    blocks: usize,
}

impl Text {
    fn line(&mut self, statement: &str, layers: usize) {
        writeln!(self.statements, "    {statement}").expect("a string takes everything");
        self.layers += layers;
    }

    /// A block makes what the next one reads from what the one before has made: two images, which may be one.
    fn residual(&mut self, [x, other]: [String; 2]) -> [String; 2] {
        let n = self.block();
        self.line(
            &format!("let main_{n} = {x} -> Conv2d(8, 3, padding = same) -> relu -> Conv2d(8, 3, padding = same);"),
            2,
        );
        self.line(&format!("let sum_{n} = (main_{n}, {x}) -> Add -> relu;"), 1);
        [format!("sum_{n}"), if other == x { format!("sum_{n}") } else { other }]
    }

    fn branching(&mut self, [x, other]: [String; 2]) -> [String; 2] {
        let n = self.block();
        self.line(&format!("let wide_{n} = {x} -> Conv2d(8, 3, padding = same) -> relu;"), 1);
        self.line(&format!("let narrow_{n} = {x} -> Conv2d(8, 1) -> tanh;"), 1);
        self.line(&format!("let pooled_{n} = {x} -> MaxPool2d(3, stride = 1, padding = same);"), 1);
        self.line(
            &format!("let joined_{n} = (wide_{n}, narrow_{n}, pooled_{n}) -> Concat -> Conv2d(8, 1) -> relu;"),
            2,
        );
        [format!("joined_{n}"), if other == x { format!("joined_{n}") } else { other }]
    }

    fn shared(&mut self, [left, right]: [String; 2]) -> [String; 2] {
        let n = self.block();
        self.line(&format!("layer eye_{n} = Conv2d(8, 3, padding = same) -> relu -> Conv2d(8, 1) -> relu;"), 0);
        self.line(&format!("let left_{n} = {left} -> eye_{n};"), 2);
        self.line(&format!("let right_{n} = {right} -> eye_{n};"), 2);
        [format!("left_{n}"), format!("right_{n}")]
    }

    fn unfused(&mut self, [left, right]: [String; 2]) -> [String; 2] {
        let n = self.block();
        self.line(&format!("let drop_{n} = {left} -> Dropout(0.1) -> AvgPool2d(3, stride = 1, padding = same);"), 2);
        self.line(&format!("let gated_{n} = ({right} -> Conv2d(8, 1) -> gelu, drop_{n}) -> Mul;"), 3);
        [format!("drop_{n}"), format!("gated_{n}")]
    }

    fn block(&mut self) -> usize {
        self.blocks += 1;
        self.blocks
    }
}
