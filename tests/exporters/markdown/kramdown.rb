# Renders a list of files (JSON) as Jekyll does: ruby -E UTF-8:UTF-8 kramdown.rb PARSER < files > pages
require "json"
require "kramdown"
require "kramdown-parser-gfm"

files = JSON.parse($stdin.read)
$stdout.write(JSON.generate(files.map { |file| Kramdown::Document.new(file, input: ARGV[0]).to_html }))
