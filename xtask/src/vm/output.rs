//! Splits what a job printed on the guest's serial port into its steps.
//!
//! The guest prints `@begin NAME`, the step's error output, `@out NAME`, its standard output, and `@end NAME CODE`, with
//! an extra newline before the last two. A step that a reset cut off has no end, so it has no exit code.

/// One command of a job.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) name: String,
    /// Standard error.
    pub(crate) err: String,
    /// Standard output.
    pub(crate) out: String,
    /// The exit code, if the step ended.
    pub(crate) code: Option<i32>,
}

/// The steps in the order in which they were run. Lines outside of steps are ignored.
pub(crate) fn steps(text: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut part = Part::Between;
    for line in text.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        match (words.as_slice(), steps.last_mut()) {
            (["@begin", name], _) => {
                steps.push(Step { name: (*name).to_owned(), ..Step::default() });
                part = Part::Err;
            }
            (["@out", name], Some(step)) if step.name == *name => {
                step.err.pop();
                part = Part::Out;
            }
            (["@end", name, code], Some(step)) if step.name == *name => {
                step.out.pop();
                step.code = code.parse().ok();
                part = Part::Between;
            }
            (_, Some(step)) => part.add(step, line),
            (_, None) => {}
        }
    }
    steps
}

#[derive(Clone, Copy)]
enum Part {
    Between,
    Err,
    Out,
}

impl Part {
    fn add(self, step: &mut Step, line: &str) {
        let text = match self {
            Self::Between => return,
            Self::Err => &mut step.err,
            Self::Out => &mut step.out,
        };
        text.push_str(line);
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(name: &str, err: &str, out: &str, code: Option<i32>) -> Step {
        Step { name: name.into(), err: err.into(), out: out.into(), code }
    }

    #[test]
    fn steps_have_two_outputs_and_a_code() {
        let text = "noise\n@begin one\n  PASS\n\n@out one\n{\n}\n\n@end one 0\nnoise\n@begin two\n\n@out two\n\n@end two 3\n";
        assert_eq!(steps(text), [step("one", "  PASS\n", "{\n}\n", Some(0)), step("two", "", "", Some(3))]);
    }

    #[test]
    fn outputs_may_end_without_a_newline() {
        let text = "@begin one\nhalf\n@out one\na line\nhalf\n@end one 0\n";
        assert_eq!(steps(text), [step("one", "half", "a line\nhalf", Some(0))]);
    }

    #[test]
    fn a_step_that_was_cut_off_has_no_code() {
        assert_eq!(steps("@begin one\nhalf"), [step("one", "half\n", "", None)]);
        assert_eq!(steps("@begin one\n@out one\n@end one"), [step("one", "", "@end one\n", None)]);
        assert_eq!(steps(""), []);
    }

    #[test]
    fn another_steps_end_ends_nothing() {
        assert_eq!(steps("@end two 0\n@begin one\n@end two 0"), [step("one", "@end two 0\n", "", None)]);
    }
}
