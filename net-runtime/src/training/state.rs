//! A training run in a file, to go on with it later.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::trainer::Counters;
use super::trainer::Trainer;
use crate::error::Error;
use crate::io::read::Limit;
use crate::io::tensors::{Tensors, read_tensors_within, write_borrowed};
use crate::network::traits::Trainable;
use crate::optimizers::Optimizer;

/// What a file's `format` says when it holds a training state.
const FORMAT: &str = "net-runtime training state";

/// What is between the names of parameters, of which none has it in its name.
const LIST: &str = ",";

/// What stands before the name of a moment of the optimizer; parameters go by their own names.
const MOMENT: &str = "optimizer.";

impl<N: Trainable, O: Optimizer> Trainer<N, O> {
    /// Saves the weights, the optimizer's moments, what is frozen, the seed and how far the training has come, in one safetensors file.
    /// A file that is there is replaced, at once and as a whole.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the file cannot be written.
    pub fn save_state(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let (mut tensors, mut frozen) = (Vec::new(), Vec::new());
        self.network.visit(&mut |name, param| {
            tensors.push((name.to_string(), param.dims(), param.values()));
            if param.is_frozen() {
                frozen.push(name.to_string());
            }
        });
        let mut followed;
        let mut optimizer = &self.optimizer;
        if optimizer.is_behind(&self.network) {
            followed = optimizer.clone();
            followed.follow(&self.network);
            optimizer = &followed;
        }
        let thawed: Vec<_> = optimizer.thawed().map(|(name, since)| format!("{name}={since}")).collect();
        tensors.extend(optimizer.state().map(|(name, dims, values)| (format!("{MOMENT}{name}"), dims, values)));
        let metadata = [
            ("format", FORMAT.to_owned()),
            ("network", N::INFO.name.to_owned()),
            ("optimizer", O::NAME.to_owned()),
            ("version", env!("CARGO_PKG_VERSION").to_owned()),
            ("seed", self.progress.seed.to_string()),
            ("epochs", self.progress.epochs.to_string()),
            ("steps", self.progress.steps.to_string()),
            ("optimizer_steps", optimizer.steps().to_string()),
            ("frozen", frozen.join(LIST)),
            ("thawed", thawed.join(LIST)),
        ];
        write_borrowed(path.as_ref(), tensors, &metadata.map(|(key, value)| (key.to_owned(), value)).into())
    }

    /// A trainer that goes on where [`save_state`](Self::save_state) was called: with the same data and settings, what
    /// it computes is the same to the bit as if there had been no interruption.
    ///
    /// The optimizer's settings and learning rates are not in the file: `optimizer` has them. A schedule goes on with
    /// the step it had come to. Callbacks begin anew.
    ///
    /// ```
    /// # use net_runtime::optimizers::Adam;
    /// # use net_runtime::training::Trainer;
    /// # use net_runtime::{Error, Trainable};
    /// # fn go_on<Detector: Trainable>(train: Detector::Samples) -> Result<(), Error> {
    /// let mut trainer = Trainer::<Detector, _>::load_state("training.safetensors", Adam::new(1e-3))?;
    /// let done = trainer.epochs();
    /// trainer.fit(&train).initial_epoch(done).epochs(20).run()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the file cannot be read; [`Error::File`] if it is no training state, or one of another network or
    /// another optimizer.
    pub fn load_state(path: impl AsRef<Path>, optimizer: O) -> Result<Self, Error> {
        let path = path.as_ref();
        let mut trainer = Self::new(N::new(0), optimizer);
        let limit = Limit { values: trainer.most_values(), of: "any training state of this network" };
        let restored = read_tensors_within(path, Some(limit)).and_then(|file| trainer.restore(&file));
        restored.map(|()| trainer).map_err(|error| match error {
            Error::Io { .. } | Error::File { .. } => error,
            other => Error::File { path: path.into(), problem: other.to_string() },
        })
    }

    /// More values than a state has, also that of an optimizer of another kind, which is then told as what it is.
    fn most_values(&self) -> u64 {
        /// Moments that any optimizer here keeps of a parameter, and some more.
        const MOMENTS: u64 = 8;
        let own: u64 = self.optimizer.state().map(|(_, _, values)| values.len() as u64).sum();
        (N::INFO.parameters as u64).saturating_mul(1 + MOMENTS).saturating_add(own)
    }

    fn restore(&mut self, file: &Tensors) -> Result<(), Error> {
        if file.metadata.get("format").map(String::as_str) != Some(FORMAT) {
            return Err(Error::Invalid("this is no training state, as `save_state` writes it".into()));
        }
        if let Some(other) = file.metadata.get("network").filter(|&name| name != N::INFO.name) {
            return Err(Error::Invalid(format!("this is a training state of `{other}`, not of `{}`", N::INFO.name)));
        }
        let optimizer = text(&file.metadata, "optimizer")?;
        if optimizer != O::NAME {
            return Err(Error::Invalid(format!("this is a training state of `{optimizer}`, not of `{}`", O::NAME)));
        }
        let number = |key| number(&file.metadata, key);
        self.progress = Counters { seed: number("seed")?, epochs: number("epochs")?, steps: number("steps")? };
        self.restore_parameters(file)?;
        self.restore_frozen(&file.metadata)?;
        self.check_surplus(file)?;
        self.optimizer.restore(number("optimizer_steps")?, |name| {
            file.tensors.get(&format!("{MOMENT}{name}")).map(|tensor| (&*tensor.dims, &*tensor.values))
        })
    }

    fn restore_parameters(&mut self, file: &Tensors) -> Result<(), Error> {
        let mut result = Ok(());
        self.network.visit_mut(&mut |name, param| match file.tensors.get(&name.to_string()) {
            Some(tensor) if tensor.dims == param.dims() => param.values_mut().copy_from_slice(&tensor.values),
            _ if result.is_err() => {}
            Some(tensor) => {
                result = Err(Error::Shape {
                    what: format!("tensor `{name}`"),
                    expected: format!("shape {:?}", param.dims()),
                    found: format!("{:?}", tensor.dims),
                });
            }
            None => result = Err(Error::Invalid(format!("tensor `{name}` is missing"))),
        });
        result
    }

    /// What is frozen, and since when the rest is trained; a file of an earlier version says nothing of it.
    fn restore_frozen(&mut self, metadata: &BTreeMap<String, String>) -> Result<(), Error> {
        let list =
            |key| metadata.get(key).into_iter().flat_map(|names| names.split(LIST)).filter(|name| !name.is_empty());
        let frozen: BTreeSet<&str> = list("frozen").collect();
        self.network.visit_mut(&mut |name, param| param.set_frozen(frozen.contains(&*name.to_string())));
        let mut thawed = BTreeMap::new();
        for item in list("thawed") {
            let since = item.split_once('=').and_then(|(name, since)| Some((name, since.parse().ok()?)));
            let (name, since): (&str, u64) = since.ok_or_else(|| {
                Error::Invalid(format!("`thawed` should have names and numbers of steps, but has `{item}`"))
            })?;
            if since > number(metadata, "optimizer_steps")? {
                return Err(Error::Invalid(format!("`{name}` was thawed after a step that has not been done")));
            }
            thawed.insert(name, since);
        }
        self.optimizer.follow(&self.network);
        self.optimizer.restore_thawed(|name| thawed.get(name).copied());
        Ok(())
    }

    /// Moments that this optimizer does not keep are a sign that the file was written with other settings.
    fn check_surplus(&self, file: &Tensors) -> Result<(), Error> {
        let mut known: BTreeSet<String> = self.optimizer.state().map(|(name, ..)| format!("{MOMENT}{name}")).collect();
        self.network.visit(&mut |name, _| {
            known.insert(name.to_string());
        });
        match file.tensors.keys().find(|&name| !known.contains(name)) {
            None => Ok(()),
            Some(name) => Err(Error::Invalid(format!(
                "tensor `{name}` belongs neither to `{}` nor to this optimizer with these settings",
                N::INFO.name
            ))),
        }
    }
}

fn text<'m>(metadata: &'m BTreeMap<String, String>, key: &str) -> Result<&'m str, Error> {
    metadata.get(key).map(String::as_str).ok_or_else(|| Error::Invalid(format!("`{key}` is missing")))
}

fn number(metadata: &BTreeMap<String, String>, key: &str) -> Result<u64, Error> {
    let text = text(metadata, key)?;
    text.parse().map_err(|_| Error::Invalid(format!("`{key}` should be a number, but is `{text}`")))
}
