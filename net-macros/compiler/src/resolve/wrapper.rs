//! Stages around stages: they are opened where they are used.
//!
//! What is between the two borders of a stage that is applied to each step is computed several times for each sample
//! (`plan::Step::times`): its functions are called for so many more samples, which nothing else need know.

use super::flow::{Bundle, Operand, Ready};
use super::names::Prefix;
use super::network::Builder;
use super::stage::{Does, Prepared};
use crate::graph::Operation;
use crate::layers::signature::Arity;
use crate::syntax::Stage;

/// A stage within another.
pub(super) enum Within<'a> {
    /// One with weights of its own.
    Own(Box<Prepared<'a>>),
    /// A use of a shared layer, by its index among the declared ones.
    Shared(usize, Stage),
}

impl<'a> Builder<'a> {
    /// Finds out what stages within another are; `None` if one of them cannot be, which has been told.
    pub(super) fn within(&mut self, stages: &[Stage]) -> Option<Vec<Within<'a>>> {
        let within: Vec<_> = stages
            .iter()
            .map(|stage| match self.shared(stage) {
                Some(shared) => shared.map(|index| Within::Shared(index, stage.clone())),
                None => self.prepare(stage).map(|prepared| Within::Own(Box::new(prepared))),
            })
            .collect();
        within.into_iter().collect()
    }

    /// Applies stages to each step: between two borders, of which the first takes the axis of the steps away and the second
    /// gives it back.
    pub(super) fn each_step(
        &mut self,
        bundle: Bundle,
        stages: &[Within<'_>],
        around: &Prepared<'_>,
        prefix: &mut Prefix,
    ) -> Bundle {
        let chosen = around.name.as_ref().map(|name| self.qualified(name));
        let mut own_prefix = match chosen {
            Some(name) => Some(Prefix::new(&name, stages.len() == 1)),
            None => (prefix.is_alone() && stages.len() > 1).then(|| prefix.opened()),
        };
        let prefix = own_prefix.as_mut().unwrap_or(prefix);
        let mut bundle = self.border(bundle, &Operation::OpenSteps, around);
        self.around.push(around.stage.kind.clone());
        for stage in stages {
            bundle = match stage {
                Within::Own(prepared) => self.run(bundle, prepared, prefix, prepared.stage.span),
                Within::Shared(index, stage) => self.use_shared(bundle, *index, stage),
            };
        }
        self.around.pop();
        match self.border(bundle, &Operation::CloseSteps, around) {
            // Messages about what follows stand on the use.
            Bundle::Values(results) => {
                let at_use = |result: Operand| Operand::new(result.value, around.stage.span);
                Bundle::Values(results.into_iter().map(at_use).collect())
            }
            Bundle::Poison => Bundle::Poison,
        }
    }

    fn border(&mut self, bundle: Bundle, operation: &Operation, around: &Prepared<'_>) -> Bundle {
        let Bundle::Values(operands) = bundle else { return Bundle::Poison };
        let (stage, name) = (&around.stage, around.kind.clone());
        self.apply(operands, Ready { operation, takes: Arity::One, stage, name, owner: None })
    }
}

impl Prepared<'_> {
    /// Whether it is opened into other stages.
    pub(super) fn is_opened(&self) -> bool {
        matches!(self.does, Does::Template { .. } | Does::EachStep(_) | Does::BothDirections(_))
    }

    /// A shared layer that is used within it.
    pub(super) fn shared_within(&self) -> Option<&Stage> {
        let Does::EachStep(stages) = &self.does else { return None };
        stages.iter().find_map(|stage| match stage {
            Within::Own(prepared) => prepared.shared_within(),
            Within::Shared(_, stage) => Some(stage),
        })
    }
}
