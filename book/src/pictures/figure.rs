//! Puts drawings into a page. A figure has one state or several. theme/pictures/states.js shows one state at
//! a time. Without JavaScript, the states stand below each other.

use crate::pictures::svg::Svg;
use ipc_workbook_tools::html::escape;
use std::fmt::Write;

/// A picture with everything around it.
pub(crate) struct Figure {
    /// A short heading.
    pub(crate) title: String,
    /// A sentence that names the recorded runs from which it is drawn. It may contain HTML.
    pub(crate) source: String,
    pub(crate) states: Vec<State>,
    /// What the shapes mean.
    pub(crate) legend: Vec<(Svg, &'static str)>,
}

/// What a figure shows at one time.
pub(crate) struct State {
    /// What stands above it, for example the heading of a step.
    pub(crate) heading: String,
    pub(crate) drawing: Svg,
    /// What the drawing shows, in words.
    pub(crate) says: String,
    /// Shown below the drawing: HTML, for example the claims that it rests on; may be empty.
    pub(crate) below: String,
    /// The id of the step's heading on a lesson's page, if the state belongs to a step there.
    pub(crate) step: Option<String>,
}

impl Figure {
    /// Returns the HTML. It has no empty line, because Markdown would end there.
    pub(crate) fn html(&self, name: &str) -> String {
        let many = self.states.len() > 1;
        let class = if many { "picture stepped" } else { "picture" };
        let mut html = format!("<figure class=\"{class}\" id=\"picture-{name}\">\n");
        let _ = write!(
            html,
            "<figcaption><b>{}.</b> {}</figcaption>\n<div class=\"states\">\n",
            escape(&self.title),
            self.source
        );
        // All states have the same size, so that nothing moves when the state changes.
        let edges = || self.states.iter().map(|state| state.drawing.edge());
        let size =
            (edges().map(|edge| edge.0).max().unwrap_or(0), edges().map(|edge| edge.1).max().unwrap_or(0));
        for (state, n) in self.states.iter().zip(1..) {
            let id = format!("picture-{name}-{n}");
            let step = state.step.as_ref().map_or(String::new(), |step| format!(" data-step=\"{step}\""));
            let title = if many { format!("{}: {}", self.title, state.heading) } else { self.title.clone() };
            let _ = writeln!(html, "<section class=\"state\"{step}>");
            if many {
                let _ = writeln!(html, "<p class=\"heading\">{}</p>", escape(&state.heading));
            }
            let _ = writeln!(
                html,
                "<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"{}\">{}</div>\n{}</section>",
                escape(&self.title),
                state.drawing.picture(&id, &title, &state.says, size),
                state.below
            );
        }
        html.push_str("</div>\n");
        if !self.legend.is_empty() {
            html.push_str("<ul class=\"legend\">\n");
            for (sample, meaning) in &self.legend {
                let _ = writeln!(html, "<li>{} {}</li>", sample.sample(), escape(meaning));
            }
            html.push_str("</ul>\n");
        }
        html.push_str("</figure>\n");
        html
    }
}

/// Returns a legend's sample.
pub(crate) fn sample(draw: impl FnOnce(&mut Svg)) -> Svg {
    let mut svg = Svg::default();
    draw(&mut svg);
    svg
}
