//! Open Clip Art: each SVG has keywords, title and description as RDF.

use std::collections::HashSet;
use std::path::Path;

use super::found::{Found, MOST, files_under, split_by, stem};
use crate::error::Error;
use crate::split::Split;
use crate::tags::Picture;

/// Folders of icons, plain shapes and playing cards: pictures that no tag describes.
const PLAIN: [&str; 6] =
    ["buttons/", "computer/buttons/", "computer/icons/", "recreation/games/cards/", "shapes/", "special/"];

/// The pictures of a folder of SVGs, without icons, plain shapes and pictures that are not in the public
/// domain.
///
/// # Errors
/// If the folder cannot be read, or has no SVG.
pub fn openclipart(svg: &Path, say: &mut dyn FnMut(&str)) -> Result<Found, Error> {
    let mut found = Found::default();
    let files = files_under(svg, "svg")?;
    if files.is_empty() {
        return Err(Error::file(svg, "no .svg files"));
    }
    for (id, path) in files {
        if PLAIN.iter().any(|plain| id.starts_with(plain)) {
            found.leave_out("icons and plain shapes");
            continue;
        }
        let bytes = files::content::read(&path, MOST).map_err(Error::unreadable(&path))?;
        match about(&String::from_utf8_lossy(&bytes)) {
            Err(why) => {
                say(&format!("{}: left out: {why}", path.display()));
                found.leave_out("RDF that cannot be read");
            }
            Ok(about) if about.licence.to_lowercase().contains("gpl") => found.leave_out("marked GPL"),
            Ok(about) => {
                let Metadata { title, description, tags, .. } = about;
                let source = "Open Clip Art".to_owned();
                let mut picture =
                    Picture { id, tags, title, description, split: Split::Train, source, thumbnail: None };
                picture.split = split_by(&stem(&picture));
                found.take(picture);
            }
        }
    }
    Ok(found)
}

struct Metadata {
    title: String,
    description: String,
    tags: Vec<String>,
    licence: String,
}

/// Reads the RDF of an SVG. Only the element `metadata` is parsed: the drawing around it need not be sound.
fn about(svg: &str) -> Result<Metadata, String> {
    let (Some(start), Some(end)) = (svg.find("<metadata"), svg.find("</metadata>")) else {
        return Err("no metadata".to_owned());
    };
    let inner = svg.get(start..end + "</metadata>".len()).ok_or("metadata that ends before it begins")?;
    // The prefixes are declared on the outer elements, or not at all.
    let space = |prefix: &str| {
        let declared = inner.contains(&format!("xmlns:{prefix}="));
        if declared { String::new() } else { format!(" xmlns:{prefix}=\"urn:{prefix}\"") }
    };
    let prefixes = ["rdf", "cc", "dc", "svg", "sodipodi", "inkscape", "xlink"].map(space).concat();
    let document = format!("<x{prefixes}>{inner}</x>");
    let document = roxmltree::Document::parse(&document).map_err(|error| error.to_string())?;
    let named = |name: &'static str| {
        document.descendants().filter(move |node| node.is_element() && node.tag_name().name() == name)
    };
    let text = |node: roxmltree::Node| {
        let all: String =
            node.descendants().filter_map(|inner| inner.text().filter(|_| inner.is_text())).collect();
        all.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    // Publishers and authors have titles, too.
    let of_work = |name: &'static str| {
        let own =
            |node: &roxmltree::Node| node.parent().is_some_and(|parent| parent.tag_name().name() == "Work");
        named(name).find(own).map(text).unwrap_or_default()
    };
    // A fault of the collection's own program left the addresses of Perl hashes among the keywords.
    let real = |tag: &String| {
        !tag.is_empty() && tag.to_lowercase() != "hash" && !tag.to_lowercase().starts_with("hash(")
    };
    // Each part of the text is read once: of keywords within keywords, the outermost are taken.
    let mut end = 0;
    let outermost = named("li").filter(|node| {
        let outer = node.range().start >= end;
        end = if outer { node.range().end } else { end };
        outer
    });
    let mut seen = HashSet::new();
    let tags = outermost.map(text).filter(real).filter(|tag| seen.insert(tag.clone())).collect();
    let licence = named("license").flat_map(|node| node.attributes()).map(|attribute| attribute.value());
    Ok(Metadata {
        title: of_work("title"),
        description: of_work("description"),
        tags,
        licence: licence.collect::<Vec<_>>().join(" "),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn svg(inner: &str, licence: &str) -> String {
        format!(
            "<?xml version=\"1.0\"?><svg xmlns:rdf=\"r\" broken & drawing><metadata><rdf:RDF><cc:Work><dc:title>A &amp; b \
             7</dc:title><dc:description>x\n  y</dc:description><dc:publisher><cc:Agent><dc:title>not \
             this</dc:title></cc:Agent></dc:publisher><dc:subject><rdf:Bag>{inner}</rdf:Bag></dc:subject><cc:license \
             rdf:resource=\"{licence}\"/></cc:Work></rdf:RDF></metadata><path"
        )
    }

    #[test]
    fn keywords_within_keywords_take_linear_time() {
        let depth = 400;
        let nested = format!("{}deep{}", "<rdf:li>x ".repeat(depth), "</rdf:li>".repeat(depth));
        let about = about(&svg(&format!("{nested}<rdf:li>cat</rdf:li>"), "")).unwrap();
        assert_eq!((about.tags.len(), &*about.tags[1]), (2, "cat"));
        assert_eq!(about.tags[0].len(), 2 * depth + 4);
    }

    #[test]
    fn what_people_wrote_is_read_and_the_rest_is_counted() {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        let tags = "<rdf:li>cat</rdf:li><rdf:li></rdf:li><rdf:li>HASH(0x1)</rdf:li><rdf:li>cat</rdf:li>";
        put("animals/a.svg", &svg(tags, "http://x/PublicDomain"));
        put("animals/b.svg", &svg(tags, "http://x/GPL/2.0/"));
        put("animals/c.svg", &svg("", "http://x/PublicDomain"));
        put("animals/d.svg", "<svg/>");
        put("animals/e.svg", &svg("<rdf:li>", ""));
        put("shapes/f.svg", &svg(tags, ""));
        let found = openclipart(folder.path(), &mut |_| ()).unwrap();
        let [picture] = &found.pictures[..] else { panic!("{found:?}") };
        assert_eq!((&*picture.id, &*picture.title, &*picture.description), ("animals/a", "A & b 7", "x y"));
        assert_eq!(picture.tags, ["cat"]);
        let mut left_out = found.left_out;
        left_out.sort();
        let want = [
            ("RDF that cannot be read", 2),
            ("icons and plain shapes", 1),
            ("marked GPL", 1),
            ("no tags", 1),
        ];
        assert_eq!(left_out, want.map(|(why, count)| (why.to_owned(), count)));
        assert!(openclipart(&folder.path().join("none"), &mut |_| ()).is_err());
    }
}
