//! Two networks against each other: one makes handwritten digits from noise, the other tells them from true ones.
//!
//! `cargo run --release --example gan`

use common::arguments::Arguments;
use common::digits::{self, SIDE};
use common::output;
use common::picture::Picture;
use common::random::normal;
use net_runtime::data;
use net_runtime::optimizers::OptimizerFor;
use net_runtime::plot::{Chart, Panel, Series, ValueScale};
use net_runtime::prelude::*;
use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};

network! {
    /// Makes a digit from noise: from two by two places to eight by eight (Radford, Metz and Chintala, Unsupervised
    /// Representation Learning with Deep Convolutional Generative Adversarial Networks, 2015).
    pub network Generator(noise: [24]) -> (digit: [8, 8, 1]) {
        let digit = noise
            -> Dense(256, bias = false) -> BatchNorm(momentum = 0.9) -> relu -> Reshape(2, 2, 64)
            -> Conv2dTranspose(64, 4, stride = 2, padding = same, bias = false) -> BatchNorm(momentum = 0.9) -> relu
            -> Conv2dTranspose(32, 4, stride = 2, padding = same, bias = false) -> BatchNorm(momentum = 0.9) -> relu
            -> Conv2d(1, 3, padding = same) -> sigmoid;
    }

    /// How true a digit looks.
    pub network Critic(digit: [8, 8, 1]) -> (truth: [1]) {
        let truth = digit
            -> Conv2d(32, 3, padding = same) -> leaky_relu(0.2) -> Dropout(0.2)
            -> Conv2d(64, 4, stride = 2, padding = same) -> leaky_relu(0.2) -> Dropout(0.2)
            -> Flatten -> Dense(64) -> leaky_relu(0.2) -> Dropout(0.2) -> Dense(1) -> sigmoid;

        loss truth: BinaryCrossentropy;
    }

    /// Reads digits, and so judges those that were made: it has seen true ones alone.
    pub network Judge(digit: [8, 8, 1]) -> (class: [10]) {
        let class = digit -> Flatten -> Dense(128) -> relu -> Dense(32) -> relu -> Dense(10) -> softmax;

        loss class: SparseCategoricalCrossentropy;
    }
}

type Digits = Batch<Shape3<8, 8, 1>>;

const BATCH: usize = 64;

fn main() -> Result<(), Error> {
    let mut arguments = Arguments::read("Makes handwritten digits from noise: two networks against each other.");
    let epochs: usize = arguments.number("epochs", 150, "passes over the true digits");
    let seed: u64 = arguments.number("seed", 7, "what weights and noise are drawn from");
    arguments.finish();

    println!("{}\n\n{}\n", Generator::summary(), Critic::summary());
    let (mut digits, held_out) = digits::read(seed)?;
    digits.extend(held_out);
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let watched = noise(100, &mut rng)?;

    let mut pair = Pair::new(seed);
    let (mut critic_losses, mut generator_losses) = (Vec::new(), Vec::new());
    for epoch in 1..=epochs {
        digits.shuffle(&mut rng);
        let mut losses = [0.0; 2];
        for some in digits.chunks_exact(BATCH) {
            let true_digits = Batch::from_samples(some.iter().map(|digit| &digit.pixels[..]))?;
            let of_step = pair.step(true_digits, &noise(BATCH, &mut rng)?)?;
            losses.iter_mut().zip(of_step).for_each(|(sum, loss)| *sum += f64::from(loss));
        }
        let [critic, generator] = losses.map(|sum| sum / (digits.len() / BATCH) as f64);
        critic_losses.push(critic);
        generator_losses.push(generator);
        if epoch % 10 == 0 || epoch == epochs {
            println!("epoch {epoch:>3}/{epochs}  critic_loss {critic:.4}  generator_loss {generator:.4}");
        }
        let made = pair.generator.predict(&watched)?.digit;
        sheet(&made, &format!("After {epoch} epochs"))?.save_silently(&format!("gan/epoch_{epoch:03}.svg"))?;
    }
    output::wrote(&output::path("gan")?);
    draw_losses(critic_losses, generator_losses)?;

    let made = pair.generator.predict(&noise(1_000, &mut rng)?)?.digit;
    sheet(&made, "Digits that nobody has written")?.save("gan_digits.svg")?;
    judge(&made, &digits, seed)
}

/// Both networks, what they need to learn, and memory that is used again in every step.
struct Pair {
    generator: Generator,
    generator_memory: GeneratorWorkspace,
    generator_gradients: GeneratorGradients,
    generator_adam: OptimizerFor<Generator, Adam>,
    critic: Critic,
    critic_memory: CriticWorkspace,
    critic_gradients: CriticGradients,
    critic_adam: OptimizerFor<Critic, Adam>,
}

impl Pair {
    fn new(seed: u64) -> Self {
        let (generator, critic) = (Generator::new(seed), Critic::new(seed + 1));
        Self {
            generator_memory: GeneratorWorkspace::new(BATCH),
            generator_gradients: GeneratorGradients::zeros(),
            generator_adam: Adam::new(2e-3).beta1(0.5).for_network(&generator),
            critic_memory: CriticWorkspace::new(BATCH),
            critic_gradients: CriticGradients::zeros(),
            critic_adam: Adam::new(1e-3).beta1(0.5).for_network(&critic),
            generator,
            critic,
        }
    }

    /// A step of each; gives the losses of the critic and of the generator.
    fn step(&mut self, true_digits: Digits, noise: &Batch<Shape1<24>>) -> Result<[f32; 2], Error> {
        let made = self.generator.forward(noise, Mode::Training, &mut self.generator_memory)?.digit;

        // The critic: true digits are called true, but not quite, so that it never gets too sure (one-sided label smoothing;
        // Salimans et al., Improved Techniques for Training GANs, 2016). The gradients of both halves add up.
        let truth = CriticSamples { digit: true_digits, truth: Batch::from_vec(vec![0.9; BATCH])? };
        self.critic.forward(&truth, Mode::Training, &mut self.critic_memory)?;
        let of_true = self.critic.losses(&truth, &self.critic_memory)?.total;
        self.critic.backward(&truth, &truth, &mut self.critic_memory, &mut self.critic_gradients)?;
        let fake = CriticSamples { digit: made.to_batch(), truth: Batch::zeros(BATCH) };
        self.critic.forward(&fake, Mode::Training, &mut self.critic_memory)?;
        let of_fake = self.critic.losses(&fake, &self.critic_memory)?.total;
        self.critic.backward_add(&fake, &fake, &mut self.critic_memory, &mut self.critic_gradients)?;
        self.critic_adam.step(&mut self.critic, &self.critic_gradients)?;

        // The generator: the critic should take what it makes for true. What the critic says of each pixel goes on into it.
        let wish = CriticSamples { truth: Batch::from_vec(vec![1.0; BATCH])?, ..fake };
        self.critic.forward(made, Mode::Training, &mut self.critic_memory)?;
        let of_wish = self.critic.losses(&wish, &self.critic_memory)?.total;
        let by_digit = self.critic.backward_inputs(made, &wish, &mut self.critic_memory)?;
        let upstream = GeneratorOutputGradients { digit: Some(by_digit.digit) };
        self.generator.backward(noise, upstream, &mut self.generator_memory, &mut self.generator_gradients)?;
        self.generator_adam.step(&mut self.generator, &self.generator_gradients)?;
        Ok([(of_true + of_fake) / 2.0, of_wish])
    }
}

/// Normal numbers.
fn noise(samples: usize, rng: &mut impl Rng) -> Result<Batch<Shape1<24>>, Error> {
    Batch::from_vec((0..samples * 24).map(|_| normal(rng)).collect())
}

/// Asks a network that reads digits what was made.
fn judge(made: &Digits, digits: &[digits::Digit], seed: u64) -> Result<(), Error> {
    let samples = JudgeSamples {
        digit: Batch::from_samples(digits.iter().map(|digit| &digit.pixels[..]))?,
        class: Batch::from_vec(digits.iter().map(|digit| digit.class).collect())?,
    };
    let mut trainer = Trainer::new(Judge::new(seed), Adam::new(1e-3));
    trainer.fit(&samples).epochs(40).seed(seed).silent().run()?;
    let classes = trainer.into_network().predict(made)?.class;
    let mut counts = [0; 10];
    let mut sure = 0.0;
    for index in 0..classes.len() {
        let class = data::argmax(classes.sample(index));
        counts[class] += 1;
        sure += classes.sample(index)[class];
    }
    println!(
        "\nof {} digits that were made, one that reads true digits is {:.1} % sure:",
        made.len(),
        100.0 * sure / made.len() as f32
    );
    for (class, count) in counts.iter().enumerate() {
        println!("  {class}: {count:>4}");
    }
    Ok(())
}

/// The first hundred digits.
fn sheet(made: &Digits, title: &str) -> Result<Picture, Error> {
    const ZOOM: usize = 6;
    const TILE: usize = SIDE * ZOOM + 4;
    const TOP: usize = 44;

    let mut picture = Picture::new(10 * TILE + 28, TOP + 10 * TILE + 12);
    picture.title(title);
    for index in 0..made.len().min(100) {
        let (left, top) = (16 + index % 10 * TILE, TOP + index / 10 * TILE);
        picture.image(left, top, ZOOM, SIDE, made.sample(index).iter().map(|ink| [1.0 - ink; 3]));
    }
    Ok(picture)
}

fn draw_losses(critic: Vec<f64>, generator: Vec<f64>) -> Result<(), Error> {
    let series = [("critic", critic), ("generator", generator)];
    let series = series.map(|(name, values)| Series { name: name.into(), values, ..Series::default() });
    let panel = Panel { title: "loss".into(), series: series.into(), scale: ValueScale::default() };
    let path = output::path("gan_losses.svg")?;
    Chart { title: "Two networks against each other".into(), first_epoch: 1, panels: vec![panel] }.save(&path)?;
    output::wrote(&path);
    Ok(())
}
