// Three searches, as OpenTelemetry's SDK for Node exports them: `node make.mjs FOLDER [PORT]`.
// What each exporter posts is written as it comes. PORT is where protobuf is posted to instead, such
// as a collector that forwards to port 4318 here.
import { appendFileSync } from "node:fs";
import { createServer } from "node:http";
import * as api from "@opentelemetry/api";
import { OTLPTraceExporter as Json } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as Proto } from "@opentelemetry/exporter-trace-otlp-proto";
import { ZipkinExporter } from "@opentelemetry/exporter-zipkin";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, NodeTracerProvider } from "@opentelemetry/sdk-trace-node";

const HERE = 4318;
const [folder, port = HERE] = process.argv.slice(2);
const server = createServer((request, response) => {
  const { "content-type": type, "content-encoding": packed = "plain" } = request.headers;
  request.on("data", (part) => appendFileSync(`${folder}/${[request.url, type, packed].join("-").replaceAll("/", "-")}`, part));
  request.on("end", () => response.writeHead(200, { "content-type": type }).end(type.includes("json") ? "{}" : ""));
}).listen(HERE);

const exporters = [
  new Json({ url: `http://127.0.0.1:${HERE}/v1/traces` }),
  new Proto({ url: `http://127.0.0.1:${port}/v1/traces` }),
  new ZipkinExporter({ url: `http://127.0.0.1:${HERE}/api/v2/spans` }),
];
const provider = new NodeTracerProvider({
  resource: resourceFromAttributes({ "service.name": "shop" }),
  spanProcessors: exporters.map((each) => new BatchSpanProcessor(each)),
});
const tracer = provider.getTracer("made");
const BEGIN_MS = 1_700_000_000_000;

for (let call = 0; call < 3; call += 1) {
  const at = (ms) => BEGIN_MS + 1_000 * call + ms;
  const attributes = { "session.id": `s${call}` };
  const root = tracer.startSpan("GET /search", { startTime: at(0), kind: api.SpanKind.SERVER, attributes }, api.ROOT_CONTEXT);
  const within = api.trace.setSpan(api.ROOT_CONTEXT, root);
  for (const [name, begin, end] of [["embed", 1, 41], ["text", 42, 82], ["rank", 83, 99]]) {
    const step = tracer.startSpan(name, { startTime: at(begin), kind: api.SpanKind.CLIENT }, within);
    if (call === 2 && name === "text") {
      step.setStatus({ code: api.SpanStatusCode.ERROR });
      step.recordException(new Error("lost"));
    }
    step.end(at(end));
  }
  root.end(at(100));
}
await provider.forceFlush();
setTimeout(() => server.close(() => process.exit()), port === HERE ? 0 : 6_000);
