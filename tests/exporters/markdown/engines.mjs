// What in files of Markdown (JSON on the standard input) the programs of npm would run: a list
// of problems for each file.
import { text as read } from "node:stream/consumers";
import { compile } from "@mdx-js/mdx";
import ejs from "ejs";
import { Liquid } from "liquidjs";
import nunjucks from "nunjucks";

const liquid = new Liquid();
const templates = {
  Liquid: (text) => liquid.parseAndRenderSync(text),
  Nunjucks: (text) => new nunjucks.Environment(null, { autoescape: false }).renderString(text),
  EJS: (text) => ejs.render(text),
};

function rendered(text) {
  const problems = [];
  for (const [name, render] of Object.entries(templates)) {
    try {
      if (render(text) !== text) problems.push(`${name}: renders something else`);
    } catch (error) {
      problems.push(`${name}: ${error}`);
    }
  }
  return problems;
}

const collected = (problems) => () => (tree) => visit(tree, problems);

function visit(node, problems) {
  // A formula of nothing but names and numbers calls nothing.
  const harmless = node.type === "mdxTextExpression" && /^[\w\s]*$/.test(node.value);
  if (/^mdx(FlowExpression|TextExpression|jsEsm)$/.test(node.type) && !harmless) problems.push(`MDX: ${node.value}`);
  for (const attribute of node.attributes ?? []) {
    const { name, value } = attribute;
    if (typeof value === "object" || /^(on|style$)/i.test(name ?? "on")) problems.push(`MDX: ${name}`);
  }
  if (node.name && !/^[a-z]+[1-6]?$/.test(node.name)) problems.push(`MDX: <${node.name}>`);
  if (/^\s*(javascript|data|vbscript):/i.test(node.url ?? "")) problems.push(`MDX: ${node.url}`);
  for (const child of node.children ?? []) visit(child, problems);
}

async function compiled(text) {
  const problems = [];
  try {
    await compile(text, { remarkPlugins: [collected(problems)] });
  } catch (error) {
    // Without its plug-in for formulas MDX refuses a file with some: then nothing of it runs.
    return /\$.*\{/.test(text) ? [] : [`MDX: ${error}`];
  }
  return problems;
}

const files = JSON.parse(await read(process.stdin));
const problems = [];
for (const text of files) problems.push([...rendered(text), ...(await compiled(text))]);
process.stdout.write(JSON.stringify(problems));
