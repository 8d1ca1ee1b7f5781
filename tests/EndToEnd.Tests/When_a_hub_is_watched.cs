using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using IntegrationHub.Contracts.Events;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Console.Access;
using IntegrationHub.Hub.Observability;
using IntegrationHub.TestServers;
using MassTransit;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Trace;

namespace EndToEnd.Tests;

/// <summary>What whoever watches the process gets to see: health, metrics, traces and lines, and nobody's name in any of them.</summary>
[TestFixture]
public sealed partial class When_a_hub_is_watched
{
    private const string Spy = "spy@example.test";
    private readonly Spans _spans = new();
    private readonly ActivityTraceId _run = ActivityTraceId.CreateRandom();
    private readonly StringWriter _lines = new();
    private TextWriter _error = null!;
    private OtlpReceiver _collector = null!;
    private EmbeddedHub _hub = null!;
    private HttpClient _http = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _collector = await OtlpReceiver.StartAsync();
        _error = Console.Error;
        Console.SetError(TextWriter.Synchronized(_lines)); // where the hub writes its lines
        _hub = await EmbeddedHub.StartAsync(
            builder => builder.Services.ConfigureOpenTelemetryTracerProvider(traces => traces.AddProcessor(_spans)),
            "--Hub:JsonLogs=true", "--Hub:LogLevel=Debug", "--Hub:Destinations:braze:Live=on", "--Hub:Delivery:SweepInterval=00:10:00", // nothing but the doorbell brings things out in time
            $"--OTEL_EXPORTER_OTLP_ENDPOINT={_collector.Address}", "--OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", "--OTEL_BSP_SCHEDULE_DELAY=100");
        _http = new HttpClient { BaseAddress = _hub.Address };
        var snapshot = await _hub.LoadAsync(new World(11).Csv());
        using var request = Traced(HttpMethod.Post, "/v1/audience-syncs", _run, JsonContent.Create(new { audience = "customers", mode = "full", snapshot_id = snapshot.SnapshotId }));
        using var answer = await _http.SendAsync(request);
        var started = JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync()).GetProperty("runs").EnumerateArray().Select(run => run.GetProperty("run_id").GetGuid());
        await _hub.FinishAsync([.. started]);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _http.Dispose();
        await _hub.DisposeAsync();
        await _collector.DisposeAsync();
        Console.SetError(_error);
        _spans.Dispose();
    }

    [Test]
    public async Task Should_tell_its_health_and_its_metrics()
    {
        await _hub.Services.GetRequiredService<MetricWatch>().LookAsync(CancellationToken.None);
        var metrics = await _http.GetStringAsync("/metrics");
        Assert.Multiple(async () =>
        {
            Assert.That(await _http.GetStringAsync("/healthz/live"), Is.EqualTo("live"));
            Assert.That(await _http.GetStringAsync("/healthz/ready"), Is.EqualTo("ready"));
            Assert.That(metrics, Does.Match("""hub_deliveries_total\{[^}]*destination="hubspot"[^}]*outcome="delivered"[^}]*\} 11"""));
            Assert.That(metrics, Does.Match("""hub_end_to_end_latency_seconds_count\{[^}]*destination="hubspot"[^}]*lane="bulk"[^}]*operation="add_member"[^}]*\} 11"""));
            Assert.That(metrics, Does.Contain("hub_vendor_call_duration_seconds_bucket").And.Contain("hub_batch_size"));
            Assert.That(metrics, Does.Match("""hub_backlog\{[^}]*destination="marketo"[^}]*lane="bulk"[^}]*\} 0""").And.Match("""hub_database_up(\{[^}]*\})? 1""").And.Match("""hub_instances\{[^}]*state="alive"[^}]*\} 1"""));
            Assert.That(metrics, Does.Not.Contain("example.test"), "names and counts only");
        });
    }

    [Test]
    public async Task Should_write_metrics_that_Prometheus_reads()
    {
        var (ended, said) = await Promtool.RunAsync(await ScrapeAsync(), "check", "metrics");
        Assert.That(said, Does.Not.Contain("hub_"), "what promtool thinks of the hub's own metrics");
        Assert.That(ended, Is.AnyOf(0, 3), said); // 3: a library's own metric is called as promtool would not call it
    }

    /// <summary>Every label of every metric is one of the table, with a value that the table allows: there are no more series than configuration and words make.</summary>
    [Test]
    public async Task Should_tell_nothing_but_what_the_table_of_metrics_says()
    {
        await _hub.Services.GetRequiredService<MetricWatch>().LookAsync(CancellationToken.None);
        var destinations = _hub.Services.GetRequiredService<HubConfiguration>().Destinations.Keys;
        var table = HubMetrics.All.ToDictionary(metric => metric.PrometheusName);
        var samples = Sample().Matches(await ScrapeAsync());
        Assert.That(samples, Has.Count.GreaterThan(100));
        Assert.Multiple(() =>
        {
            foreach (Match sample in samples)
            {
                var metric = table[Part().Replace(sample.Groups[1].Value, "")];
                foreach (var (name, value) in Label().Matches(sample.Groups[2].Value).Select(label => (label.Groups[1].Value, label.Groups[2].Value)).Where(label => label.Item1 is not ("le" or "otel_scope_name" or "otel_scope_version")))
                {
                    var label = metric.Labels.SingleOrDefault(one => one.Name == name);
                    Assert.That(label, Is.Not.Null, sample.Value);
                    Assert.That(label!.Words.Length == 0 || label.Words.Contains(value), sample.Value);
                    Assert.That(name != "destination" || value.Length == 0 || destinations.Contains(value), sample.Value);
                }
            }
        });
    }

    [TestCase("http_server_request_duration_seconds")]
    [TestCase("dotnet_process_memory_working_set_bytes")]
    [TestCase("dotnet_process_cpu_time_seconds_total")]
    public async Task Should_have_what_dashboards_show_of_others(string metric) => Assert.That(await ScrapeAsync(), Does.Contain($"# TYPE {metric} "));

    [Test]
    public async Task Should_show_one_trace_from_a_request_for_a_run_to_the_vendors()
    {
        foreach (var vendor in World.Destinations)
        {
            await Poll.Until(() => _spans.CallsOf(_run, At(vendor)).Any(), $"a call of {vendor} that the request for the run leads to");
        }

        Assert.That(_spans.All.Where(span => span.OperationName == "hub.batch.send" && span.TraceId == _run).Select(span => span.GetTagItem("hub.lane")), Is.Not.Empty.And.All.EqualTo("bulk"));
        Assert.That(Lines(_run), Has.Some.Contains("settled a claim"), "lines of a message, long after the request");
        await Poll.Until(() => _collector.Has(_run), "the trace to arrive by OTLP");
    }

    [Test]
    public async Task Should_show_one_trace_from_an_event_over_HTTP_to_the_vendors()
    {
        var (trace, stated) = (ActivityTraceId.CreateRandom(), ActivityTraceId.CreateRandom());
        var happened = JsonSerializer.SerializeToNode(Happenings.View(World.ExternalId(1), TimeProvider.System.GetUtcNow()))!;
        using var request = Traced(HttpMethod.Post, $"/v1/events?by={Spy}", trace, JsonContent.Create(happened));
        using var answer = await _http.SendAsync(request);
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain("\"accepted\":1"));

        await Poll.Until(() => _spans.CallsOf(trace, At("hubspot")).Any(call => call.TraceId == trace), "a call of HubSpot in the trace of the caller");
        Assert.That(_spans.All.Where(span => span.TraceId == trace).Select(span => span.OperationName), Does.Contain("hub.facts.take_in"));
        await Poll.Until(() => _spans.All.Any(span => span.TraceId == trace && span.OperationName == "hub.batch.send"), "the span of the batch");
        await Poll.Until(() => Lines(trace).Any(line => line.Contains("was answered with", StringComparison.Ordinal)), "the line of the request");
        Assert.That(Lines(trace), Has.Some.Contains("Took in a batch of facts").And.Some.Contains("/v1/events").And.All.Contains("\"SpanId\""));
    }

    [Test]
    public async Task Should_lead_from_a_change_that_is_published_on_the_bus_to_the_vendor()
    {
        using var publishing = new Activity("publish").SetIdFormat(ActivityIdFormat.W3C).SetParentId($"00-{ActivityTraceId.CreateRandom()}-{ActivitySpanId.CreateRandom()}-01").Start();
        var trace = publishing.TraceId;
        await _hub.Services.GetRequiredService<IBus>().Publish(new ProfileUpdated
        {
            EventId = NewId.NextGuid(), OccurredAt = TimeProvider.System.GetUtcNow(), Producer = "crm", Subject = new Subject { ExternalId = World.ExternalId(2) },
            Payload = new ProfileAttributes { Attributes = new Dictionary<string, JsonElement> { ["first_name"] = JsonSerializer.SerializeToElement("RENAMED") } },
        });
        publishing.Stop();

        await Poll.Until(() => _spans.CallsOf(trace, At("braze")).Any(), "a call of Braze that the publisher's trace leads to");
        Assert.That(_spans.All.Where(span => span.OperationName == "hub.ring").SelectMany(span => span.Links.Select(link => link.Context.TraceId).Append(span.TraceId)), Is.Not.Empty, "the doorbell that gathers changes");
    }

    [Test]
    public async Task Should_name_nobody_in_traces_and_lines()
    {
        var trace = ActivityTraceId.CreateRandom();
        var denied = new ConsentUpdated
        {
            EventId = NewId.NextGuid(), OccurredAt = TimeProvider.System.GetUtcNow(), Producer = "preference-centre", Subject = new Subject { ExternalId = World.ExternalId(3), Email = World.Email(3) },
            Payload = new ConsentDecision { Purpose = "email_marketing", Status = "denied", Source = "preference-center" },
        };
        using var request = Traced(HttpMethod.Post, "/v1/events", trace, JsonContent.Create(denied));
        using var answer = await _http.SendAsync(request);
        using var asked = await _http.GetAsync($"/v1/audit?subject={Uri.EscapeDataString(Spy)}");
        using var lost = await _http.GetAsync($"/v1/people/{Spy}");
        await Poll.Until(() => World.Destinations.All(vendor => _spans.CallsOf(trace, At(vendor)).Any()), "every vendor to be told");
        await Poll.Until(() => _collector.Has(trace) && Lines(trace).Any(), "the trace to arrive, and its lines");
        await Poll.Until(() => _spans.All.Any(span => span.Kind == ActivityKind.Server && span.GetTagItem("http.response.status_code") is 404), "the call of what is not there");

        string[] people = ["example.test", Spy, "spy%40", World.ExternalId(3), World.ExternalId(1), "RENAMED"];
        Assert.Multiple(() =>
        {
            Assert.That(_spans.All.Select(Spans.TextOf).Where(text => people.Any(person => text.Contains(person, StringComparison.OrdinalIgnoreCase))), Is.Empty);
            Assert.That(people.Where(_collector.Holds), Is.Empty, "by OTLP");
            Assert.That(people.Where(person => Written().Contains(person, StringComparison.OrdinalIgnoreCase)), Is.Empty, "in lines");
            Assert.That(_spans.All.Where(span => span.GetTagItem("url.query") is not null).Select(Spans.TextOf), Is.Empty);
        });
    }

    /// <summary>People who are asked for at the console, and whatever else somebody types there: in no line and no trace, in no address, title or problem, and nothing is kept by a browser.</summary>
    [Test]
    public async Task Should_name_nobody_who_is_looked_at_in_the_console()
    {
        var (email, said) = (World.Email(4), $"because {Spy} asked");
        string[] people = [email, Uri.EscapeDataString(email), World.ExternalId(4), Spy, Uri.EscapeDataString(Spy), "spy@"];
        var wrong = new List<string>();
        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = _hub.Address };
        var token = FormToken().Match(await browser.GetStringAsync("/people")).Groups[1].Value;
        var run = JsonElement.Parse(await browser.GetStringAsync("/v1/runs")).GetProperty("items")[0].GetProperty("run_id").GetString();

        string? person = null;
        person = await PostAsync("/people", ("kind", "email"), ("key", email));
        Assert.That(person, Does.Match("^/people/[0-9]+$"));
        await PostAsync("/people", ("kind", "email"), ("key", Spy));
        await PostAsync("/people", ("kind", "phone"), ("key", Spy));
        await PostAsync("/consent", ("kind", "email"), ("key", email));
        await PostAsync("/find", ("q", email));
        await PostAsync("/find", ("q", World.ExternalId(4)));
        await PostAsync("/do/resume-destination?destination=braze", ("key", "one"), ("seen", "{}"), ("reason", said));
        await PostAsync($"/do/cancel-run?run={run}", ("key", "two"), ("seen", $$"""{"expected_version":"{{Spy}}"}"""), ("reason", said));
        await PostAsync(person!, ("reason", said), ("live", "true"));
        foreach (var route in _hub.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Where(route => route.Metadata.GetMetadata<ConsolePage>() is not null && route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods[0] == "GET"))
        {
            var path = Hole().Replace(route.RoutePattern.RawText!, hole => hole.Groups[1].Value switch { "profile" => person!.Split('/')[^1], "run" => run!, "destination" => "braze", _ => hole.Groups[2].Value == ":guid" ? run! : "1" });
            using var answer = await browser.GetAsync($"{path}?status={Uri.EscapeDataString(Spy)}&after={Uri.EscapeDataString(email)}");
            await LookAsync(path, answer, mayShowIt: true);
        }

        var last = ActivityTraceId.CreateRandom();
        using var end = Traced(HttpMethod.Post, "/find", last, new FormUrlEncodedContent([new("form-token", token), new("q", Spy)]));
        using var ended = await browser.SendAsync(end);
        await Poll.Until(() => _collector.Has(last) && Lines(last).Any(), "the last trace to arrive, and its lines");
        Assert.Multiple(() =>
        {
            Assert.That(wrong, Is.Empty);
            Assert.That(_spans.All.Where(span => span.TraceId == last).Select(span => span.GetTagItem("http.route")), Does.Contain("/find"), "the look itself");
            Assert.That(_spans.All.Select(Spans.TextOf).Where(text => people.Any(one => text.Contains(one, StringComparison.OrdinalIgnoreCase))), Is.Empty);
            Assert.That(people.Where(_collector.Holds), Is.Empty, "by OTLP");
            Assert.That(people.Where(one => Written().Contains(one, StringComparison.OrdinalIgnoreCase)), Is.Empty, "in lines");
        });

        async Task<string?> PostAsync(string path, params (string Name, string Value)[] fields)
        {
            using var form = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)).Append(new("form-token", token)));
            using var answer = await browser.PostAsync(path, form);
            await LookAsync(path, answer, mayShowIt: path == person || path == "/people" || path.StartsWith("/do/", StringComparison.Ordinal)); // what was typed comes back to who typed it: in the form, and as what was looked for
            return answer.Headers.Location?.OriginalString;
        }

        async Task LookAsync(string path, HttpResponseMessage answer, bool mayShowIt)
        {
            var text = await answer.Content.ReadAsStringAsync();
            var head = $"{answer.Headers} {answer.Content.Headers} {Title().Match(text).Value}";
            if ((int)answer.StatusCode >= 500)
            {
                wrong.Add($"{path}: {(int)answer.StatusCode}");
            }

            if (answer.Headers.CacheControl is not { NoStore: true } && !path.StartsWith("/assets/", StringComparison.Ordinal))
            {
                wrong.Add($"{path}: may be kept");
            }

            wrong.AddRange(people.Where(one => (mayShowIt ? head : head + text).Contains(one, StringComparison.OrdinalIgnoreCase)).Select(one => $"{path}: {(int)answer.StatusCode} shows {one}"));
        }
    }

    private Func<string, bool> At(string vendor)
    {
        var address = _hub.Sandbox.BaseUrl(vendor).ToString();
        return url => url.StartsWith(address, StringComparison.Ordinal);
    }

    private static HttpRequestMessage Traced(HttpMethod method, string address, ActivityTraceId trace, HttpContent content)
    {
        var request = new HttpRequestMessage(method, address) { Content = content };
        request.Headers.Add("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom()}-01");
        return request;
    }

    /// <summary>Lines that say they belong to a trace.</summary>
    private IEnumerable<string> Lines(ActivityTraceId trace) => Written().Split('\n').Where(line => line.Contains($"\"TraceId\":\"{trace}\"", StringComparison.Ordinal));

    private string Written()
    {
        lock (Console.Error)
        {
            return _lines.ToString();
        }
    }

    private Task<string> ScrapeAsync() => _http.GetStringAsync("/metrics");

    [GeneratedRegex(@"^(hub_[a-z_]+)(?:\{([^}]*)\})? [^\n]+$", RegexOptions.Multiline)]
    private static partial Regex Sample();

    [GeneratedRegex(@"([a-z_]+)=""([^""]*)""")]
    private static partial Regex Label();

    [GeneratedRegex("_(?:bucket|sum|count)$")]
    private static partial Regex Part();

    [GeneratedRegex("name=\"form-token\" value=\"([^\"]+)\"")]
    private static partial Regex FormToken();

    [GeneratedRegex(@"\{(\w+)(:\w+)?\}")]
    private static partial Regex Hole();

    [GeneratedRegex("<title>.*?</title>", RegexOptions.Singleline)]
    private static partial Regex Title();
}
