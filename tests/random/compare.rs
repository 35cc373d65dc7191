//! What a network computes against what is right.

use std::sync::Mutex;

use net_reference::noise::Expected;
use net_reference::{Graph, Tensor, open, program};
use net_runtime::Arithmetic;

use crate::SEED;
use crate::expected::{self, Answers, Questions};
use crate::subject::{Found, Subject, Task};

/// A program whose answers are certain.
pub struct Known {
    /// Its number.
    pub index: u64,
    /// Which of the attempts to draw samples for it was taken.
    pub attempt: u64,
    /// The learning rate.
    pub rate: f32,
    /// Every answer to [`tasks`].
    answers: Vec<(String, Vec<(String, Expected)>)>,
    /// The most that a result has used of its tolerance, and which one that was.
    closest: Mutex<(f64, String)>,
}

impl Known {
    /// The tasks whose answers are known.
    pub fn tasks(&self) -> impl Iterator<Item = &str> {
        self.answers.iter().map(|(task, _)| task.as_str())
    }

    /// The most that a result has used of its tolerance so far, and which one that was.
    pub fn closest(&self) -> (f64, String) {
        self.closest.lock().expect("no panic while it is held").clone()
    }
}

/// Compares all that a network can compute, on several numbers of threads. `None` if rounding decides something.
pub fn check(index: u64, subject: &mut dyn Subject) -> Result<Option<Known>, String> {
    let graph = open(&program(SEED, index)).expect("a program that fits");
    let order = order(&graph, subject)?;
    let Some((attempt, questions, answers)) = expected::answers(&graph, SEED, index) else { return Ok(None) };
    let tasks = tasks(&graph, &questions, answers.rate, &order);
    let known = Known {
        index,
        attempt,
        rate: answers.rate,
        answers: all_answers(&graph, &tasks, &answers, &order),
        closest: Mutex::default(),
    };
    for task in tasks {
        let mut first = None;
        for threads in [1, 2, 3] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
            let found = run(subject, &task, &pool)?;
            let first = first.get_or_insert_with(|| found.clone());
            if let Some(name) = found.first_difference(first) {
                return Err(format!("{}: {name} on {threads} threads is another than on one", task.name));
            }
        }
        faults(&known, &task.name, &first.expect("it has run"))?;
    }
    Ok(Some(known))
}

/// Runs a task; a panic is a fault.
pub fn run(subject: &mut dyn Subject, task: &Task, pool: &rayon::ThreadPool) -> Result<Found, String> {
    let run = std::panic::AssertUnwindSafe(|| pool.install(|| subject.run(task)));
    std::panic::catch_unwind(run).map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
        format!("{}: it panics: {}", task.name, text.unwrap_or_default())
    })
}

/// For each weight of the network which one of the graph it is.
pub fn order(graph: &Graph, subject: &dyn Subject) -> Result<Vec<usize>, String> {
    let place = |(name, dims): (String, Vec<usize>)| {
        let place = graph.weights.iter().position(|weight| weight.name == name && weight.dims == dims);
        place.ok_or_else(|| format!("there is a weight `{name}` of {dims:?}, but there should be {:?}", graph.weights))
    };
    let order: Vec<usize> = subject.weights().into_iter().map(place).collect::<Result<_, _>>()?;
    if order.len() == graph.weights.len() {
        Ok(order)
    } else {
        Err(format!("weights are missing of {:?}", graph.weights))
    }
}

/// How often samples are repeated for a batch that is cut into shares for threads.
fn copies(graph: &Graph, questions: &Questions) -> Option<usize> {
    // What is drawn depends on the place in the batch.
    let random = graph.nodes.iter().any(|node| node.layer.is_random());
    (!random).then(|| 70_usize.div_ceil(questions.given.inputs[0].samples()))
}

/// What is to be computed.
pub fn tasks(graph: &Graph, questions: &Questions, rate: f32, order: &[usize]) -> Vec<Task> {
    let task = |name: &str, copies: usize, arithmetic: Arithmetic| {
        let mut given = questions.given.clone();
        given.weights = order.iter().map(|weight| given.weights[*weight].clone()).collect();
        given.inputs.iter_mut().chain(&mut given.targets).for_each(|tensor| *tensor = repeated(tensor, copies));
        given.sample_weights.iter_mut().flatten().for_each(|weights| *weights = weights.repeat(copies));
        let numbers = |tensor: &Tensor| repeated(tensor, copies).data.iter().map(|element| *element as f32).collect();
        let upstream = questions.upstream.iter().map(|upstream| upstream.as_ref().map(numbers)).collect();
        Task { name: name.to_owned(), copies, given, upstream, arithmetic, rate, steps: expected::STEPS }
    };
    let few =
        [("fast", Arithmetic::Fast), ("exact", Arithmetic::Exact)].map(|(name, arithmetic)| task(name, 1, arithmetic));
    let many = copies(graph, questions).map(|copies| task("many samples", copies, Arithmetic::Fast));
    few.into_iter().chain(many).collect()
}

/// The answers to each task, by its name, with the numbers that the network's weights have.
fn all_answers(
    graph: &Graph,
    tasks: &[Task],
    answers: &Answers,
    order: &[usize],
) -> Vec<(String, Vec<(String, Expected)>)> {
    let of_task = |task: &Task| {
        let answer = |(name, expected): &(String, Expected)| {
            let weight = number(name).filter(|_| name.contains("weight"));
            let statistic = weight.is_some_and(|weight| graph.weights[weight].statistic.is_some());
            let own = match weight {
                Some(weight) => {
                    let place = order.iter().position(|ordered| *ordered == weight).expect("every weight has a place");
                    name.replace(&format!(" {weight}"), &format!(" {place}"))
                }
                None => name.clone(),
            };
            (own, of_copies(name, expected, if statistic { 1 } else { task.copies }))
        };
        (task.name.clone(), answers.tensors.iter().map(answer).collect())
    };
    tasks.iter().map(of_task).collect()
}

/// The number at the end of a name.
fn number(name: &str) -> Option<usize> {
    name.rsplit(' ').next()?.parse().ok()
}

/// What is right if all samples are there so many times: what belongs to samples is there as often; gradients of a mean have their
/// share of it.
fn of_copies(name: &str, expected: &Expected, copies: usize) -> Expected {
    let per_sample = name.contains("output") || name.contains("input");
    let factor = match name.split(' ').next() {
        Some("given") if name.contains("weight") => copies as f64,
        Some("lost") if name.contains("input") => 1.0 / copies as f64,
        _ => 1.0,
    };
    let values = if per_sample { repeated(&expected.values, copies) } else { expected.values.clone() };
    Expected { values: values.map(|element| factor * element), tolerance: factor * expected.tolerance }
}

fn repeated(tensor: &Tensor, copies: usize) -> Tensor {
    let mut dims = tensor.dims.clone();
    dims[0] *= copies;
    Tensor { dims, data: tensor.data.repeat(copies) }
}

/// What is wrong with what a task has found.
pub fn faults(known: &Known, task: &str, found: &Found) -> Result<(), String> {
    let (_, answers) = known.answers.iter().find(|(name, _)| name == task).expect("every task has answers");
    let mut faults = Vec::new();
    if answers.len() != found.tensors.len() {
        faults.push(format!("{} tensors instead of {}", found.tensors.len(), answers.len()));
    }
    for (name, tensor) in &found.tensors {
        let Some((_, expected)) = answers.iter().find(|(right, _)| right == name) else {
            faults.push(format!("there should be no {name}"));
            continue;
        };
        faults.extend(expected.fault(tensor).map(|fault| format!("{name}: {fault}")));
        let mut closest = known.closest.lock().expect("no panic while it is held");
        let used = expected.use_of_tolerance(tensor);
        if used > closest.0 {
            *closest = (used, format!("{task}: {name}"));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(format!("{task}:\n  {}", faults.join("\n  "))) }
}
