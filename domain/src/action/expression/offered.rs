//! What of the language is offered, and the proof that an expression of it ends soon.
//!
//! A loop (`map`, `filter`, `all`, `exists`, `exists_one`) sees its own element and nothing else that is large, so that
//! all its turns together look at no more than the list holds; without that, a loop over an answer of 256 KB that looks
//! at the answer each time would run for minutes. What can multiply sizes, `+` and literals, is counted.

use cel::IdedExpr;
use cel::common::ast::{ComprehensionExpr, EntryExpr, Expr, operators};

use super::ExpressionFault;

/// How deep the tree may be. Each level is several frames of the evaluator, over 30 KB of an unoptimized build's stack: 62
/// of them overflowed the 2 MB of a test's thread, and a Worker has 1 MB.
pub(super) const MAX_DEPTH: usize = 24;
/// How many loops there may be in all, and inside each other.
const MAX_LOOPS: usize = 3;
const MAX_NESTED_LOOPS: usize = 2;
/// How many `+` and elements of literals there may be, without a loop and with one.
const MAX_PARTS: usize = 32;
const MAX_PARTS_WITH_LOOPS: usize = 8;

const OPERATORS: [&str; 16] = [
    operators::CONDITIONAL,
    operators::LOGICAL_AND,
    operators::LOGICAL_OR,
    operators::LOGICAL_NOT,
    operators::SUBSTRACT,
    operators::ADD,
    operators::MULTIPLY,
    operators::DIVIDE,
    operators::MODULO,
    operators::EQUALS,
    operators::NOT_EQUALS,
    operators::GREATER_EQUALS,
    operators::LESS_EQUALS,
    operators::GREATER,
    operators::LESS,
    operators::NEGATE,
];
const OTHERS: [&str; 11] = [
    operators::INDEX,
    operators::IN,
    operators::NOT_STRICTLY_FALSE,
    "size",
    "contains",
    "startsWith",
    "endsWith",
    "string",
    "int",
    "double",
    "uint",
];

/// Checks a parsed expression.
pub(super) fn check(expression: &IdedExpr) -> Result<(), ExpressionFault> {
    let mut walk = Walk::default();
    walk.visit(expression, &Place { depth: 0, loops: 0, names: None })?;
    // What the loops are made of is not the writer's: a `+` and an element each.
    let most = if walk.loops == 0 { MAX_PARTS } else { MAX_PARTS_WITH_LOOPS + 2 * walk.loops };
    if walk.loops > MAX_LOOPS {
        return Err(not_offered("more than 3 of map, filter, all, exists and exists_one"));
    }
    if walk.parts > most {
        return Err(not_offered("that many + and elements"));
    }
    Ok(())
}

fn not_offered(what: &str) -> ExpressionFault {
    ExpressionFault::NotOffered(what.to_owned())
}

#[derive(Default)]
struct Walk {
    loops: usize,
    parts: usize,
}

#[derive(Clone, Copy)]
struct Place<'a> {
    depth: usize,
    /// How many loops it is in.
    loops: usize,
    /// The only names that can be used here; all outside loops.
    names: Option<[&'a str; 2]>,
}

impl Walk {
    fn visit(&mut self, node: &IdedExpr, place: &Place<'_>) -> Result<(), ExpressionFault> {
        if place.depth >= MAX_DEPTH {
            return Err(ExpressionFault::TooDeep);
        }
        let inside = Place { depth: place.depth + 1, ..*place };
        match &node.expr {
            Expr::Literal(_) => Ok(()),
            Expr::Ident(name) => match place.names {
                Some(names) if name != "status_code" && !names.contains(&name.as_str()) => {
                    Err(not_offered("anything but a loop's own variable, inside of the loop"))
                }
                _ => Ok(()),
            },
            Expr::Select(select) => self.visit(&select.operand, &inside),
            Expr::Call(call) => {
                let name = call.func_name.as_str();
                if !OPERATORS.contains(&name) && !OTHERS.contains(&name) {
                    let name: String = name.chars().take(40).collect();
                    return Err(not_offered(&format!("`{name}`")));
                }
                self.parts += usize::from(name == operators::ADD);
                call.target.iter().try_for_each(|target| self.visit(target, &inside))?;
                call.args.iter().try_for_each(|arg| self.visit(arg, &inside))
            }
            Expr::List(list) => {
                self.parts += list.elements.len();
                list.elements.iter().try_for_each(|element| self.visit(element, &inside))
            }
            Expr::Map(map) => {
                self.parts += map.entries.len();
                map.entries.iter().try_for_each(|entry| match &entry.expr {
                    EntryExpr::MapEntry(entry) => {
                        self.visit(&entry.key, &inside)?;
                        self.visit(&entry.value, &inside)
                    }
                    EntryExpr::StructField(_) => Err(not_offered("a message")),
                })
            }
            Expr::Comprehension(comprehension) => self.visit_loop(comprehension, &inside),
            Expr::Struct(_) => Err(not_offered("a message")),
            Expr::Unspecified => Err(ExpressionFault::Unreadable { why: String::new(), at: 0 }),
        }
    }

    fn visit_loop(&mut self, comprehension: &ComprehensionExpr, place: &Place<'_>) -> Result<(), ExpressionFault> {
        self.loops += 1;
        if place.loops >= MAX_NESTED_LOOPS {
            return Err(not_offered("a loop in a loop in a loop"));
        }
        self.visit(&comprehension.iter_range, place)?;
        self.visit(&comprehension.accu_init, place)?;
        let names = Some([comprehension.iter_var.as_str(), comprehension.accu_var.as_str()]);
        let inside = Place { loops: place.loops + 1, names, ..*place };
        [&comprehension.loop_cond, &comprehension.loop_step, &comprehension.result]
            .into_iter()
            .try_for_each(|part| self.visit(part, &inside))
    }
}
