//! Markdown that people write, as HTML that is safe to show: what every description and message goes through.
//!
//! Two fences, each enough by itself: raw HTML is taken as text before it is rendered, and the result passes an
//! allow-list (no images, no classes, no styles; links to http, https and mailto only).

use std::{collections::HashSet, sync::LazyLock};

use ammonia::Builder;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, html};

const TAGS: &[&str] = &[
    "p",
    "br",
    "em",
    "strong",
    "del",
    "a",
    "ul",
    "ol",
    "li",
    "blockquote",
    "code",
    "pre",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
];

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut cleaner = Builder::empty();
    cleaner
        .tags(TAGS.iter().copied().collect())
        .clean_content_tags(["script", "style"].into())
        .add_tag_attributes("a", ["href", "title"])
        .add_tag_attributes("ol", ["start"])
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .url_relative(ammonia::UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer nofollow"));
    cleaner
});

/// Nobody quotes a quote of a quote this often on purpose; the work of cleaning grows with the square of the depth.
const DEPTH: usize = 24;

fn events(text: &str) -> impl Iterator<Item = Event<'_>> {
    let options = Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TABLES;
    let mut depth = 0;
    let parser = Parser::new_ext(text, options).filter(move |event| match event {
        Event::Start(_) => {
            depth += 1;
            depth <= DEPTH
        }
        Event::End(_) => {
            depth -= 1;
            depth < DEPTH
        }
        _ => true,
    });
    parser.filter_map(|event| match event {
        // What looks like HTML is what the person typed: show it.
        Event::Html(raw) | Event::InlineHtml(raw) => Some(Event::Text(raw)),
        // An image would tell its host who reads; its description stays.
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => None,
        // People press Enter for a new line and expect one.
        Event::SoftBreak => Some(Event::HardBreak),
        other => Some(other),
    })
}

/// The HTML of a Markdown text.
pub fn to_html(text: &str) -> String {
    let mut rendered = String::with_capacity(text.len() + 32);
    html::push_html(&mut rendered, events(text));
    CLEANER.clean(&rendered).to_string()
}

/// The first `max` characters as plain text on one line, with an ellipsis when something is left out.
pub fn excerpt(text: &str, max: usize) -> String {
    // Markup takes some room of its own; more than this cannot matter.
    let head: String = text.chars().take(max.saturating_mul(4)).collect();
    let mut plain = String::new();
    for event in events(&head) {
        match event {
            Event::Text(part) | Event::Code(part) => plain.push_str(&part),
            Event::HardBreak | Event::Rule | Event::End(_) if !is_inline(&event) => plain.push(' '),
            _ => {}
        }
    }
    let line = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= max {
        return line;
    }
    let mut short: String = line.chars().take(max.saturating_sub(1)).collect();
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}

fn is_inline(event: &Event<'_>) -> bool {
    matches!(
        event,
        Event::End(TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_becomes_html() {
        assert_eq!(
            to_html("I was **charged** twice\non _Monday_."),
            "<p>I was <strong>charged</strong> twice<br>\non <em>Monday</em>.</p>\n"
        );
        assert_eq!(
            to_html("[us](https://example.org/a?b=1&c=2)"),
            "<p><a href=\"https://example.org/a?b=1&amp;c=2\" rel=\"noopener noreferrer nofollow\">us</a></p>\n"
        );
        assert!(to_html("1. a\n2. b").contains("<li>a</li>"));
        assert!(to_html("|a|b|\n|-|-|\n|1|2|").contains("<td>1</td>"));
    }

    #[test]
    fn nothing_active_comes_through() {
        let vectors = [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "![x](https://evil.test/p.png)",
            "![x](javascript:alert(1))",
            "[x](javascript:alert(1))",
            "[x](JaVaScRiPt:alert(1))",
            "[x](java\tscript:alert(1))",
            "[x](&#106;avascript:alert(1))",
            "[x](data:text/html;base64,PHNjcmlwdD4=)",
            "[x](vbscript:msgbox(1))",
            "[x](//evil.test)",
            "[x](/account/delete)",
            "<javascript:alert(1)>",
            "<a href=\"javascript:alert(1)\">x</a>",
            "<svg/onload=alert(1)>",
            "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
            "<math><mi//xlink:href=\"data:x,<script>alert(1)</script>\">",
            "<style>body{display:none}</style>",
            "<div style=\"position:fixed\" class=\"modal\" id=app>x</div>",
            "<form action=https://evil.test><input name=password></form>",
            "[x](https://a.test \"onmouseover=alert(1)\")",
            "[x](https://a.test/\"onmouseover=alert(1))",
            "```js\n</code></pre><script>alert(1)</script>\n```",
            "`<script>`",
            "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
            "a<!--><script>alert(1)</script>-->",
            "[a]: javascript:alert(1)\n\n[a]",
        ];
        for vector in vectors {
            let html = to_html(vector);
            for tag in html.split('<').skip(1) {
                let name: String = tag
                    .trim_start_matches('/')
                    .chars()
                    .take_while(char::is_ascii_alphanumeric)
                    .collect();
                assert!(TAGS.contains(&name.as_str()), "{vector} gave {html}");
                let inside = tag.split('>').next().unwrap().to_lowercase();
                let attribute = inside.split_once(' ').map_or("", |(_, rest)| rest);
                let harmless = attribute.is_empty()
                    || attribute.starts_with("href=\"https://")
                    || attribute.starts_with("rel=\"");
                assert!(harmless, "{vector} gave {html}");
            }
        }
    }

    #[test]
    fn deep_nesting_stays_quick() {
        for text in [
            ">".repeat(20_000),
            "> ".repeat(10_000),
            "- ".repeat(10_000),
            "*".repeat(20_000),
            "*a ".repeat(6_600),
            "**a *b ".repeat(2_800),
            "[".repeat(20_000),
            "[a](".repeat(5_000),
            "![".repeat(10_000),
            "`".repeat(19_999),
            "<".repeat(20_000),
            "<a ".repeat(6_600),
            "&".repeat(20_000),
            "|a".repeat(10_000),
            "|-".repeat(5_000) + "\n" + &"|-".repeat(5_000),
            "~~a".repeat(6_600),
            "a\n> ".repeat(5_000),
            "1. a\n\n   ".repeat(2_000),
        ] {
            let start = std::time::Instant::now();
            to_html(&text);
            excerpt(&text, 140);
            let took = start.elapsed();
            assert!(took.as_millis() < 3000, "{text:.10}: {took:?}");
        }
        // What lies too deep is still said.
        assert!(to_html(&format!("{} hello", ">".repeat(1000))).contains("hello"));
    }

    #[test]
    fn an_excerpt_is_one_short_plain_line() {
        assert_eq!(
            excerpt("# Hello\n\n**Two** [words](https://a.test)\nhere", 140),
            "Hello Two words here"
        );
        assert_eq!(excerpt("abcdef", 4), "abc…");
        assert_eq!(excerpt("<b>x</b>", 140), "<b>x</b>");
        assert_eq!(excerpt("தமிழ்", 140), "தமிழ்");
    }
}
