//! The frame of a page: its head with the content security policy, its contents, and its sections.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use figures::escape;
use sha2::{Digest, Sha256};

use crate::section::Section;

const STYLE: &str =
    concat!(include_str!("page.css"), include_str!("explorer/explorer.css"), include_str!("game.css"));

/// The modules of the page's script. A module stands behind those that it imports.
const MODULES: &[&str] = &[
    include_str!("../js/section.js"),
    include_str!("../js/axis.js"),
    include_str!("../js/curves.js"),
    include_str!("../js/samples.js"),
    include_str!("../js/numbers.js"),
    include_str!("../js/net.js"),
    include_str!("../js/noise.js"),
    include_str!("../js/explorer-state.js"),
    include_str!("../js/explorer-noise.js"),
    include_str!("../js/explorer-canvas.js"),
    include_str!("../js/explorer-pad.js"),
    include_str!("../js/explorer-common.js"),
    include_str!("../js/explorer.js"),
    include_str!("../js/tagging.js"),
    include_str!("../js/explorer-words.js"),
    include_str!("../js/explorer-start.js"),
    include_str!("../js/game.js"),
    include_str!("../js/main.js"),
];
/// A page without any other file.
///
/// The policy allows this style and this script by their hashes, and pictures that are within the page. So nothing is
/// fetched, and no text from data can run.
pub fn document(title: &str, introduction: &str, sections: &[Section]) -> String {
    let script = script(MODULES);
    let (title, policy) = (escape(title), policy("data: blob:", STYLE, &[&script]));
    let entry =
        |section: &Section| format!("<li><a href=\"#{}\">{}</a></li>", section.id, escape(&section.heading));
    let contents: String = sections.iter().map(entry).collect();
    let body: String = sections.iter().map(html).collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <header>\n<h1>{title}</h1>\n{introduction}</header>\n\
         <nav aria-label=\"Sections\"><ul>{contents}</ul></nav>\n\
         <main>\n{body}</main>\n<script type=\"module\">{script}</script>\n</body>\n</html>\n"
    )
}

fn html(section: &Section) -> String {
    let (id, heading, content) = (section.id, escape(&section.heading), section.content());
    format!(
        "<section id=\"{id}\" aria-labelledby=\"{id}-heading\">\n<h2 id=\"{id}-heading\">{heading}</h2>\n\
         {content}</section>\n"
    )
}

/// The modules as one: without their imports, since all stand in one scope, and without the word `export`.
pub(crate) fn script(modules: &[&str]) -> String {
    let lines = modules.iter().flat_map(|module| module.lines());
    let kept = lines.filter(|line| !line.starts_with("import "));
    kept.map(|line| line.strip_prefix("export ").unwrap_or(line)).fold(String::new(), |mut script, line| {
        script.push_str(line);
        script.push('\n');
        script
    })
}

/// A content security policy under which a page loads nothing but pictures from such addresses, and only this style and
/// these scripts count.
pub fn policy(pictures: &str, style: &str, scripts: &[&str]) -> String {
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
    let scripts: Vec<String> = scripts.iter().map(|script| hash(script)).collect();
    format!(
        "default-src 'none'; img-src {pictures}; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
        hash(style),
        scripts.join(" ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_data_stays_text() {
        let hostile = "</script><script>alert(1)</script><!--";
        let section = Section::new("a", hostile, String::new()).with_data(serde_json::json!([hostile]));
        let page = document(hostile, "", &[section]);
        assert_eq!(page.matches("alert(1)").count(), page.matches("alert(1)&lt;/script").count() + 1);
        assert!(page.contains(r#"["\u003c/script>\u003cscript>alert(1)"#), "{page}");
    }

    /// Contrast of two colours `#rgb` or `#rrggbb` (WCAG 2.1, "contrast ratio").
    fn contrast(a: &str, b: &str) -> f64 {
        let luminance = |colour: &str| {
            let hex = colour.trim_start_matches('#');
            let wide: String = match hex.len() {
                3 => hex.chars().flat_map(|digit| [digit, digit]).collect(),
                _ => hex.to_owned(),
            };
            let channel = |at: usize| {
                let value = f64::from(u8::from_str_radix(&wide[at..at + 2], 16).unwrap()) / 255.0;
                if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
            };
            0.2126 * channel(0) + 0.7152 * channel(2) + 0.0722 * channel(4)
        };
        let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
        a.max(b) / a.min(b)
    }

    #[test]
    fn text_has_the_contrast_of_wcag_aa_light_and_dark() {
        let schemes: Vec<&str> =
            STYLE.split(":root {").skip(1).map(|rest| rest.split('}').next().unwrap()).collect();
        assert!(schemes.len() >= 2);
        for scheme in &schemes[..2] {
            let colour = |name: &str| {
                let (_, rest) = scheme.split_once(&format!("--{name}: ")).unwrap_or_else(|| panic!("{name}"));
                rest.split(';').next().unwrap().trim()
            };
            for ground in ["page", "inset"] {
                for text in ["text", "quiet", "link", "good", "bad", "d", "g"] {
                    let ratio = contrast(colour(text), colour(ground));
                    assert!(ratio >= 4.5, "{text} on {ground}: {ratio:.2}");
                }
            }
        }
    }

    #[test]
    fn modules_become_one_without_a_name_twice() {
        let script = script(MODULES);
        assert!(!script.contains("\nimport ") && !script.contains("\nexport "));
        let mut names: Vec<&str> = script.lines().filter_map(declared).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    /// The name that a line of the outermost scope declares.
    fn declared(line: &str) -> Option<&str> {
        let line = line.strip_prefix("async ").unwrap_or(line);
        let rest =
            ["function ", "const ", "let ", "class "].iter().find_map(|word| line.strip_prefix(word))?;
        rest.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).next()
    }
}
