//! What goes into attention: queries, keys, values and masks.

use crate::kernels::attention::scores::Mask;
use crate::layers::check;

/// Which keys a query sees: those for which the mask among the operands is not 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttentionMask {
    /// There is no such operand.
    None,
    /// All queries see the same: `[keys]`.
    Keys,
    /// A number for each query and key: `[queries, keys]`.
    Pairs,
}

/// One tensor that is query, key and value; or a query, and one that is key and value; or a query, a key and a value; behind them the
/// mask, if there is one.
#[derive(Clone, Copy)]
pub(super) struct Sources {
    /// How many are query, key and value.
    pub count: usize,
    pub mask: AttentionMask,
    /// Steps of the query, and of key and value.
    pub steps: [usize; 2],
    /// Features of query, key and value.
    pub features: [usize; 3],
}

impl Sources {
    /// Which operand is query, key and value.
    pub fn roles(self) -> [usize; 3] {
        match self.count {
            1 => [0, 0, 0],
            2 => [0, 1, 1],
            3 => [0, 1, 2],
            other => panic!("attention has one, two or three operands beside masks, not {other}"),
        }
    }

    /// How many there are with the mask.
    pub fn len(self) -> usize {
        self.count + usize::from(self.mask != AttentionMask::None)
    }

    /// Query, key and value, and the mask.
    pub fn split<'a>(self, n: usize, operands: &[&'a [f32]]) -> ([&'a [f32]; 3], Option<Mask<'a>>) {
        assert_eq!(operands.len(), self.len(), "operands of attention");
        let [queries, keys] = self.steps;
        let inputs = self.roles().map(|role| operands[role]);
        for (role, name) in ["query", "key", "value"].into_iter().enumerate() {
            check(name, inputs[role], n, &[if role == 0 { queries } else { keys }, self.features[role]]);
        }
        let mask = operands[self.count..].first().map(|mask| match self.mask {
            AttentionMask::Pairs => {
                check("mask", mask, n, &[queries, keys]);
                Mask::Pairs(mask)
            }
            AttentionMask::Keys | AttentionMask::None => {
                check("mask", mask, n, &[keys]);
                Mask::Keys(mask)
            }
        });
        (inputs, mask)
    }
}
