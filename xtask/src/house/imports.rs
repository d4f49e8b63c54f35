//! The imports between the files of a package, read from the syntax: `use`, paths, and paths within macros.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::{Attribute, Item, UseTree, Visibility};

use super::Source;

/// The files that each file imports from, by index.
pub(super) type Graph = BTreeMap<usize, BTreeSet<usize>>;

/// A path as written, split into segments.
type Path = Vec<String>;

/// A re-exported name is followed to its definition in at most this many steps.
const MOST_STEPS: usize = 8;

/// One file as a module.
#[derive(Default)]
struct Module {
    /// Its path: the package, then the module names.
    place: (String, Path),
    /// Names that it defines.
    made: BTreeSet<String>,
    /// Names that it imports or re-exports, and from where.
    taken: BTreeMap<String, Path>,
    /// Paths from which it imports or re-exports every name.
    globs: Vec<Path>,
    /// The names that it uses itself. A name that is only re-exported (`pub use`) is not used here.
    used: Vec<Path>,
    /// Every path in its text.
    paths: Vec<Path>,
}

/// Builds the graph of imports; a file that cannot be parsed has no edges.
pub(super) fn arrows(sources: &[Source]) -> Graph {
    let modules: Vec<Module> = sources.iter().map(read).collect();
    let places = modules.iter().enumerate().map(|(index, module)| (module.place.clone(), index)).collect();
    let house = House { modules: &modules, places };
    let mut graph = Graph::new();
    for (from, module) in modules.iter().enumerate() {
        let arrows = graph.entry(from).or_default();
        for path in module.used.iter().chain(&module.paths) {
            arrows.extend(house.find(from, path, MOST_STEPS).filter(|to| !house.is_part(from, *to)));
        }
    }
    graph
}

struct House<'a> {
    modules: &'a [Module],
    places: BTreeMap<(String, Path), usize>,
}

impl House<'_> {
    /// Whether `file` is `whole` or is below it: a file in a module's folder is a part of the module.
    fn is_part(&self, file: usize, whole: usize) -> bool {
        let place = |index| self.modules.get(index).map(|module: &Module| &module.place);
        place(file).zip(place(whole)).is_some_and(|((_, file), (_, whole))| file.starts_with(whole))
    }

    /// The file to which a path leads, seen from a file; `None` for items of another package.
    fn find(&self, from: usize, path: &[String], steps: usize) -> Option<usize> {
        let module = self.modules.get(from)?;
        let (package, here) = &module.place;
        let (first, rest) = path.split_first()?;
        let start = match first.as_str() {
            "crate" => Vec::new(),
            "self" => here.clone(),
            "super" => here.split_last()?.1.to_vec(),
            name => {
                let child: Path = here.iter().cloned().chain([name.to_owned()]).collect();
                if self.places.contains_key(&(package.clone(), child.clone())) {
                    return self.walk((package, child), rest, steps);
                }
                let taken = module.taken.get(name)?;
                let whole: Path = taken.iter().chain(rest).cloned().collect();
                return if steps == 0 || taken.first() == Some(first) {
                    None
                } else {
                    self.find(from, &whole, steps - 1)
                };
            }
        };
        self.walk((package, start), rest, steps)
    }

    /// Descends from a module as far as the path leads.
    fn walk(&self, (package, mut at): (&String, Path), path: &[String], steps: usize) -> Option<usize> {
        let mut rest = path;
        while let Some((name, more)) = rest.split_first() {
            if name == "super" {
                at.pop();
            } else {
                let child: Path = at.iter().cloned().chain([name.clone()]).collect();
                if !self.places.contains_key(&(package.clone(), child.clone())) {
                    break;
                }
                at = child;
            }
            rest = more;
        }
        let file = *self.places.get(&(package.clone(), at))?;
        let module = self.modules.get(file)?;
        match rest.split_first() {
            Some((name, more)) if !module.made.contains(name) && steps > 0 => {
                let again =
                    module.taken.get(name).map(|taken| taken.iter().chain(more).cloned().collect::<Path>());
                let found = again.and_then(|path| self.find(file, &path, steps - 1));
                found.or_else(|| self.through_globs(file, rest, steps - 1)).or(Some(file))
            }
            _ => Some(file),
        }
    }

    fn through_globs(&self, file: usize, rest: &[String], steps: usize) -> Option<usize> {
        let module = self.modules.get(file)?;
        module.globs.iter().find_map(|glob| {
            let target = self.find(file, glob, steps)?;
            let made = &self.modules.get(target)?.made;
            rest.first().filter(|name| made.contains(*name)).map(|_| target)
        })
    }
}

fn read(source: &Source) -> Module {
    let mut module = Module { place: place(source), ..Module::default() };
    if source.product().is_empty() {
        return module;
    }
    let Ok(file) = syn::parse_file(&source.text) else { return module };
    for item in file.items.iter().filter(|item| !is_test(attributes(item))) {
        match item {
            Item::Use(item) => {
                let mut own = Module::default();
                take(&item.tree, &mut Vec::new(), &mut own);
                if matches!(item.vis, Visibility::Inherited) {
                    module.used.extend(own.taken.values().chain(&own.globs).cloned());
                }
                module.taken.extend(own.taken);
                module.globs.extend(own.globs);
            }
            _ => {
                module.made.extend(name(item));
                paths(item.to_token_stream(), &mut module.paths);
            }
        }
    }
    module
}

fn place(source: &Source) -> (String, Path) {
    let below = source.path.get(source.package().len() + 1..).unwrap_or_default();
    let below = below.strip_suffix(".rs").unwrap_or(below);
    let names = if matches!(below, "lib" | "main") {
        Vec::new()
    } else {
        below.split('/').map(str::to_owned).collect()
    };
    (source.package().to_owned(), names)
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes
        .iter()
        .any(|attribute| attribute.to_token_stream().to_string().replace(' ', "") == "#[cfg(test)]")
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// The names that an item defines; a macro call defines the names that follow `enum`, `struct`, `fn` or `const` in it.
fn name(item: &Item) -> Vec<String> {
    let one = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Macro(item) => match &item.ident {
            Some(ident) => ident,
            None => return made_by_macro(item.mac.tokens.clone()),
        },
        _ => return Vec::new(),
    };
    vec![one.to_string()]
}

fn made_by_macro(tokens: TokenStream) -> Vec<String> {
    let words: Vec<String> = tokens.into_iter().map(|token| token.to_string()).collect();
    let made = |pair: &[String]| match pair {
        [kind, name] if ["enum", "struct", "fn", "const"].contains(&kind.as_str()) => Some(name.clone()),
        _ => None,
    };
    words.windows(2).filter_map(made).collect()
}

/// The names that a `use` imports.
fn take(tree: &UseTree, before: &mut Path, module: &mut Module) {
    match tree {
        UseTree::Path(path) => {
            before.push(path.ident.to_string());
            take(&path.tree, before, module);
            before.pop();
        }
        UseTree::Name(name) if name.ident == "self" => {
            if let Some(last) = before.last() {
                module.taken.insert(last.clone(), before.clone());
            }
        }
        UseTree::Name(name) => taken(name.ident.to_string(), &name.ident.to_string(), before, module),
        UseTree::Rename(name) => taken(name.rename.to_string(), &name.ident.to_string(), before, module),
        UseTree::Glob(_) => module.globs.push(before.clone()),
        UseTree::Group(group) => group.items.iter().for_each(|tree| take(tree, before, module)),
    }
}

fn taken(called: String, name: &str, before: &[String], module: &mut Module) {
    let path: Path = before.iter().cloned().chain([name.to_owned()]).collect();
    // Several traits may be imported as `_`: each keeps its own entry.
    let called = if called == "_" { path.join("::") } else { called };
    module.taken.insert(called, path);
}

/// Every `a::b::c` in a piece of text, also within brackets and macros.
fn paths(tokens: TokenStream, found: &mut Vec<Path>) {
    let mut path = Path::new();
    let mut colons = 0;
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => {
                if colons != 2 {
                    keep(&mut path, found);
                }
                path.push(ident.to_string());
                colons = 0;
            }
            TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
            TokenTree::Group(group) => {
                keep(&mut path, found);
                colons = 0;
                paths(group.stream(), found);
            }
            _ => {
                keep(&mut path, found);
                colons = 0;
            }
        }
    }
    keep(&mut path, found);
}

fn keep(path: &mut Path, found: &mut Vec<Path>) {
    let whole = std::mem::take(path);
    if whole.len() > 1 {
        found.push(whole);
    }
}
