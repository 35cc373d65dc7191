//! Mutated programs: whatever the tokens, the compiler neither panics nor hangs, what it accepts becomes Rust, and what it
//! rejects is marked within the text.

mod mutations;
mod programs;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use net_compiler::errors::{Errors, Message};
use net_compiler::{editor, expand, parse, plan, resolve, shapes};
use proc_macro2::TokenStream;

use mutations::{Random, mutate};
use programs::CORRECT;

/// How many programs are tried, unless the variable `NETWORK_MUTANTS` says how many: others follow, always the same.
const MUTANTS: u64 = 8_000;

/// How long one may take; most take a few milliseconds, in a build without optimisation.
const LONGEST: Duration = Duration::from_secs(2);

/// What became of a mutant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// It is no text of Rust's tokens, such as `# #`.
    Unreadable,
    Accepted,
    Rejected,
}

/// The text of a mutant; the same for the same number.
fn mutant(number: u64) -> String {
    let mut random = Random(number);
    let mut tokens: TokenStream = CORRECT[random.below(CORRECT.len())].parse().unwrap();
    for _ in 0..=random.below(3) {
        tokens = mutate(tokens, &mut random);
    }
    tokens.to_string()
}

/// What `net_compiler::compile` does, with the errors beside the code.
fn compile(tokens: TokenStream) -> (TokenStream, Vec<Message>) {
    let mut errors = Errors::default();
    let block = parse::parse(tokens, &mut errors);
    let mut program = resolve::resolve(&block, &mut errors);
    shapes::shapes(&mut program, &mut errors);
    let messages = errors.finish();
    let plans = match &*messages {
        [] => plan::plan(&program),
        _ => program.networks.iter().map(plan::stub).collect(),
    };
    let (code, editor) = (expand::expand(&program, &plans), editor::expand(&block, &program));
    (quote::quote!(#editor #code), messages)
}

/// Whether a message marks a part of the text.
fn lies_within(message: &Message, text: &str) -> bool {
    let range = message.span.byte_range();
    // A place in another text, as generated tokens have it, would name other words.
    !range.is_empty() && text.get(range).is_some_and(|marked| message.span.source_text().as_deref() == Some(marked))
}

/// Compiles a text and checks what comes out; the fault, if there is one.
fn check(text: &str) -> Result<Fate, String> {
    // The text of all earlier mutants would be kept otherwise.
    proc_macro2::extra::invalidate_current_thread_spans();
    // Parsed from the text, so that every token has a place in it.
    let Ok(tokens) = text.parse::<TokenStream>() else { return Ok(Fate::Unreadable) };
    let begin = Instant::now();
    let compiled = catch_unwind(AssertUnwindSafe(|| compile(tokens)));
    let took = begin.elapsed();
    let (code, messages) = compiled.map_err(|_| "the compiler panicked".to_owned())?;
    if took > LONGEST {
        return Err(format!("it took {took:?}"));
    }
    if let Some(message) = messages.iter().find(|message| !lies_within(message, text)) {
        return Err(format!("this has no place in it: {}", message.rendered()));
    }
    let mut seen = std::collections::BTreeSet::new();
    if let Some(twice) = messages.iter().find(|message| {
        let range = message.span.byte_range();
        !seen.insert((range.start, range.end, message.text.clone()))
    }) {
        return Err(format!("this is told twice: {}", twice.rendered()));
    }
    match syn::parse2::<syn::File>(code) {
        Err(error) => Err(format!("what is generated is no Rust: {error}")),
        Ok(_) if messages.is_empty() => Ok(Fate::Accepted),
        Ok(_) => Ok(Fate::Rejected),
    }
}

#[test]
fn mutated_programs() {
    let wanted = std::env::var("NETWORK_MUTANTS").map(|number| number.parse().expect("`NETWORK_MUTANTS` is a number"));
    let mutants = wanted.unwrap_or(MUTANTS);
    let threads = thread::available_parallelism().map_or(2, |count| count.get() as u64);
    let (sender, receiver) = channel();
    let doing: &'static [Mutex<Option<(u64, Instant)>>] =
        (0..threads).map(|_| Mutex::new(None)).collect::<Vec<_>>().leak();
    for thread in 0..threads {
        let sender = sender.clone();
        thread::spawn(move || {
            let mut fates = [0_u64; 3];
            let mut numbers = (thread..mutants).step_by(threads as usize);
            let fault = numbers.find_map(|number| {
                *doing[thread as usize].lock().unwrap() = Some((number, Instant::now()));
                let text = mutant(number);
                match check(&text) {
                    Ok(fate) => fates[fate as usize] += 1,
                    Err(fault) => return Some(format!("mutant {number}: {fault}\n{text}")),
                }
                None
            });
            *doing[thread as usize].lock().unwrap() = None;
            // The other end is gone where another thread has found a fault.
            let _ = sender.send(fault.map_or(Ok(fates), Err));
        });
    }
    drop(sender);
    let mut fates = [0; 3];
    loop {
        match receiver.recv_timeout(Duration::from_secs(1)) {
            Ok(Ok(found)) => fates.iter_mut().zip(found).for_each(|(sum, found)| *sum += found),
            Ok(Err(fault)) => panic!("{fault}"),
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                for doing in doing {
                    if let Some((number, since)) = *doing.lock().unwrap() {
                        let text = || mutant(number);
                        assert!(since.elapsed() < 10 * LONGEST, "mutant {number} hangs\n{}", text());
                    }
                }
            }
        }
    }
    let [unreadable, accepted, rejected] = fates;
    assert_eq!(unreadable + accepted + rejected, mutants);
    // Mutants of only one kind would prove little.
    assert!(accepted > mutants / 50 && rejected > mutants / 2, "{fates:?}");
    println!("{unreadable} unreadable, {accepted} accepted, {rejected} rejected");
}

#[test]
fn the_programs_are_correct() {
    for program in CORRECT {
        assert_eq!(check(program), Ok(Fate::Accepted), "{program}\n{:?}", crate::front(program).1);
    }
}

#[test]
fn the_programs_have_every_layer() {
    let text = CORRECT.join(" ");
    let layers = net_compiler::layers::table::LAYERS.iter().map(|layer| layer.name);
    let wrappers = net_compiler::layers::wrapper::WRAPPERS.iter().map(|wrapper| wrapper.name);
    let missing: Vec<_> = layers.chain(wrappers).filter(|name| !text.contains(name)).collect();
    assert!(missing.is_empty(), "no program has {missing:?}");
}

#[test]
fn deep_nesting_is_an_error() {
    let source = format!("network N(x: [{}1{}]) -> (y: [1]) {{}}", "(".repeat(500), ")".repeat(500));
    crate::rejected(&source, &["1:77 brackets are nested more than 64 deep"]);
}

#[test]
fn long_sums_and_flows_are_no_deep_recursion() {
    let sum = vec!["1"; 50_000].join(" + ");
    crate::accepted(&format!("const N: usize = {sum}; network M(x: [N]) -> (y: [1]) {{ let y = x -> Dense(1); }}"));
    let flow = "-> relu ".repeat(4_096);
    crate::accepted(&format!("network M(x: [1]) -> (y: [1]) {{ let y = x {flow}; }}"));
}

/// Networks and templates that use one another twice at each level double their layers with every level.
#[test]
fn growth_has_an_end() {
    let mut networks = "network N0(x: [4]) -> (y: [4]) { let y = x -> Dense(4); }".to_owned();
    let mut templates = "block t0(x) { x -> Dense(4) }".to_owned();
    for level in 1..40 {
        let below = level - 1;
        networks += &format!("\nnetwork N{level}(x: [4]) -> (y: [4]) {{ let y = x -> N{below} -> N{below}; }}");
        templates += &format!("\nblock t{level}(x) {{ x -> t{below} -> t{below} }}");
    }
    let network = "network M(x: [4]) -> (y: [4]) { let y = x -> t39; }";
    for source in [networks, format!("{templates}\n{network}")] {
        let begin = Instant::now();
        let errors = crate::front(&source).1;
        assert!(errors.iter().all(|error| error.contains("more than 4096 layers")), "{errors:#?}");
        assert!(!errors.is_empty());
        assert!(begin.elapsed() < 10 * LONGEST, "{:?}", begin.elapsed());
    }
}

/// The largest network that is accepted is planned and written out in bounded time, also where everything is read far
/// from where it is made.
#[test]
fn the_largest_networks_are_compiled() {
    let wide: String = (0..4094).map(|index| format!("let a{index} = x -> tanh;")).collect();
    let all: Vec<String> = (0..4094).map(|index| format!("a{index}")).collect();
    let sources = [
        format!("network M(x: [4]) -> (y: [4]) {{ {wide} let y = ({}) -> Add -> Dense(4); }}", all.join(", ")),
        format!("network M(x: [4]) -> (y: [4]) {{ let y = x {}; loss y: Huber; }}", "-> Dropout(0.5)".repeat(4096)),
    ];
    for source in sources {
        let begin = Instant::now();
        let code = net_compiler::compile(source.parse().unwrap()).to_string();
        assert!(!code.contains("compile_error"), "{}", &code[..code.len().min(1000)]);
        assert!(begin.elapsed() < 15 * LONGEST, "{:?}", begin.elapsed());
    }
}
