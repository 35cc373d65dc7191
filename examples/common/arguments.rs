//! The options of an example, such as `--epochs 20`, and its `--help`.

use std::fmt::Display;
use std::process::exit;
use std::str::FromStr;

use lexopt::{Arg, Parser, ValueExt};

/// What was given on the command line, and what has been asked for so far.
pub struct Arguments {
    about: &'static str,
    given: Vec<(String, String)>,
    wants_help: bool,
    known: Vec<Known>,
    problem: Option<String>,
}

struct Known {
    name: &'static str,
    default: String,
    meaning: &'static str,
}

impl Arguments {
    /// Reads the command line. `about` says in `--help` what the example does.
    pub fn read(about: &'static str) -> Self {
        Self::parse(about, Parser::from_env())
    }

    fn parse(about: &'static str, mut parser: Parser) -> Self {
        let mut arguments = Self { about, given: Vec::new(), wants_help: false, known: Vec::new(), problem: None };
        if let Err(error) = arguments.take_all(&mut parser) {
            arguments.problem = Some(error.to_string());
        }
        arguments
    }

    fn take_all(&mut self, parser: &mut Parser) -> Result<(), lexopt::Error> {
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Long("help") | Arg::Short('h') => self.wants_help = true,
                Arg::Long(name) => {
                    let name = name.to_owned();
                    let value = parser.value()?.string()?;
                    self.given.push((name, value));
                }
                other => return Err(other.unexpected()),
            }
        }
        Ok(())
    }

    /// The value of `--name`, or `default` if it was not given.
    pub fn number<T: FromStr + Display>(&mut self, name: &'static str, default: T, meaning: &'static str) -> T {
        self.known.push(Known { name, default: default.to_string(), meaning });
        // As everywhere, the last one counts.
        let Some(position) = self.given.iter().rposition(|(given, _)| given == name) else { return default };
        let (_, value) = &self.given[position];
        value.parse().unwrap_or_else(|_| {
            self.problem.get_or_insert(format!("`{value}` is no number that `--{name}` can be"));
            default
        })
    }

    /// After the last option: ends the program if help was asked for, or if something was given that is none.
    pub fn finish(self) {
        if self.wants_help {
            print!("{}", self.help());
            exit(0);
        }
        if let Some(problem) = self.problem() {
            eprintln!("{problem}\n\n{}", self.help());
            exit(2);
        }
    }

    fn problem(&self) -> Option<String> {
        let is_known = |name: &str| self.known.iter().any(|known| known.name == name);
        let unknown = self.given.iter().find(|(name, _)| !is_known(name));
        self.problem.clone().or_else(|| unknown.map(|(name, _)| format!("there is no option `--{name}`")))
    }

    fn help(&self) -> String {
        let mut text = format!("{}\n\nOptions:\n", self.about);
        for Known { name, default, meaning } in &self.known {
            text += &format!("  {:<18} {meaning} [{default}]\n", format!("--{name} N"));
        }
        text + "  --help             shows this\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(given: &[&str]) -> Arguments {
        Arguments::parse("An example.", Parser::from_args(given))
    }

    #[test]
    fn an_option_has_its_last_value_or_its_default() {
        let mut arguments = arguments(&["--epochs", "3", "--epochs=4"]);
        assert_eq!(arguments.number("epochs", 20_usize, "passes"), 4);
        assert_eq!(arguments.number("rate", 0.5_f32, "learning rate"), 0.5);
        assert_eq!(arguments.problem(), None);
    }

    #[test]
    fn what_cannot_be_understood_is_told() {
        let told = |given: &[&str]| {
            let mut arguments = arguments(given);
            arguments.number("epochs", 20_usize, "passes");
            arguments.problem().unwrap_or_default()
        };
        assert_eq!(told(&["--epochs", "many"]), "`many` is no number that `--epochs` can be");
        assert_eq!(told(&["--epoch", "3"]), "there is no option `--epoch`");
        assert!(told(&["--epochs"]).contains("--epochs"));
        assert!(told(&["3"]).contains('3'));
    }

    #[test]
    fn help_lists_every_option_with_its_default() {
        let mut arguments = arguments(&["--help"]);
        arguments.number("epochs", 20_usize, "passes over the data");
        assert!(arguments.wants_help);
        assert!(arguments.help().contains("--epochs N         passes over the data [20]\n"), "{}", arguments.help());
    }
}
