using System.Diagnostics;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Mapping;
using IntegrationHub.TestServers;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace IntegrationHub.Benchmarks.AudienceSync;

/// <summary>
/// The floor: the connectors' own requests for adding members are recorded once and then sent again to emptied sandboxes from memory, without
/// database, broker, decisions or reading the answers' meaning.
/// </summary>
internal static class RequestFloor
{
    /// <summary>Members of the floor; enough for a steady rate, few enough to hold their requests in memory.</summary>
    public const int MostMembers = 30_000;

    private const string AudienceName = "floor";

    /// <summary>Member operations per second over the three vendors.</summary>
    public static async Task<double> MeasureAsync(HubProcess sandbox, int members)
    {
        Console.Error.WriteLine($"measuring the floor with {members} members per vendor");
        var recorder = new Recorder();
        await RecordAsync(sandbox, recorder, members);
        foreach (var vendor in new[] { "braze", "hubspot", "marketo" })
        {
            using var reset = await sandbox.Http.PostAsync($"/{vendor}/_sandbox/reset", null);
            reset.EnsureSuccessStatusCode();
        }

        // The first pass warms the sandbox, the client and the connections; the second counts.
        await ReplayAsync(recorder.Requests);
        var started = Stopwatch.GetTimestamp();
        await ReplayAsync(recorder.Requests);
        return members * 3 / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task RecordAsync(HubProcess sandbox, Recorder recorder, int members)
    {
        var environment = new Dictionary<string, string?>
        {
            ["Destinations:braze:BaseUrl"] = $"http://127.0.0.1:{sandbox.Port}/braze",
            ["Destinations:hubspot:BaseUrl"] = $"http://127.0.0.1:{sandbox.Port}/hubspot",
            ["Destinations:marketo:BaseUrl"] = $"http://127.0.0.1:{sandbox.Port}/marketo",
        };
        var secrets = new Dictionary<string, string>
        {
            ["BRAZE_API_KEY"] = "sandbox-braze-api-key",
            ["HUBSPOT_ACCESS_TOKEN"] = "sandbox-hubspot-access-token",
            ["MARKETO_CLIENT_ID"] = "sandbox-marketo-client-id",
            ["MARKETO_CLIENT_SECRET"] = "sandbox-marketo-client-secret",
        };
        var factories = new ServiceCollection().AddConnectors().BuildConnectorFactories();
        var loaded = new ConfigurationLoader(factories, new ConfigurationBuilder().AddInMemoryCollection(environment).Build(), secrets.GetValueOrDefault)
            .Load(Path.Combine(AppContext.BaseDirectory, "Samples", "config"));
        var configuration = loaded.Configuration ?? throw new InvalidOperationException(string.Join('\n', loaded.Errors));
        foreach (var destination in configuration.Destinations.Values)
        {
            var factory = factories.Single(factory => factory.Descriptor.Name == destination.Connector);
            var connector = factory.Create(new ConnectorContext { Settings = destination.ToSettings(), Transport = recorder, Time = TimeProvider.System, Loggers = NullLoggerFactory.Instance });
            recorder.IsRecording = false;
            var target = (await connector.EnsureAudienceAsync(new AudienceRequest(AudienceName, AudienceName), CancellationToken.None)).Target!;
            recorder.IsRecording = true;
            var mapping = DestinationMapping.Compile(configuration.Mappings[destination.Mapping], factory.Descriptor, destination.IdentityKey);
            foreach (var chunk in Enumerable.Range(0, members).Chunk(factory.Descriptor.Operations[Operation.AddMember].MaxRecords))
            {
                var items = chunk.Select(person => Item(mapping, person)).ToList();
                await connector.DeliverAsync(new Batch { Operation = Operation.AddMember, Audience = target, Items = items }, CancellationToken.None);
            }
        }
    }

    private static BatchItem Item(DestinationMapping mapping, int person)
    {
        var attributes = $$"""{"prefix":"MR.","first_name":"FIRST","last_name":"LAST{{person % 1_000}}","birth_date":"04/08/1966","marital_status":"M","gender":"M","annual_income":"$90,000 ","total_children":"1","education":"Bachelors","occupation":"Professional","home_owner":"Y"}""";
        var mapped = mapping.Map(new ProfileView($"c{person}", $"person{person}@example.test", null, attributes));
        return new BatchItem { RecordId = person, Key = mapped.Key!, Fields = mapped.Fields };
    }

    private static async Task ReplayAsync(IReadOnlyList<RecordedRequest> requests)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseCookies = false });
        await Parallel.ForEachAsync(requests, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (recorded, cancellationToken) =>
        {
            using var request = recorded.ToRequest();
            using var answer = await client.SendAsync(request, cancellationToken);
            await answer.Content.CopyToAsync(Stream.Null, cancellationToken);
        });
    }

    private sealed record RecordedRequest(HttpMethod Method, Uri Uri, IReadOnlyList<KeyValuePair<string, string[]>> Headers, byte[] Body, string? ContentType)
    {
        public HttpRequestMessage ToRequest()
        {
            var request = new HttpRequestMessage(Method, Uri) { Content = new ByteArrayContent(Body) };
            foreach (var (name, values) in Headers)
            {
                request.Headers.TryAddWithoutValidation(name, values);
            }

            if (ContentType is not null)
            {
                request.Content.Headers.TryAddWithoutValidation("Content-Type", ContentType);
            }

            return request;
        }
    }

    private sealed class Recorder() : DelegatingHandler(new SocketsHttpHandler { UseCookies = false })
    {
        public List<RecordedRequest> Requests { get; } = [];

        public bool IsRecording { get; set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (IsRecording && request.RequestUri!.AbsolutePath.Contains("/identity/", StringComparison.Ordinal) == false)
            {
                var body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken);
                Requests.Add(new RecordedRequest(
                    request.Method, request.RequestUri, [.. request.Headers.Select(header => KeyValuePair.Create(header.Key, header.Value.ToArray()))], body, request.Content?.Headers.ContentType?.ToString()));
            }

            return await base.SendAsync(request, cancellationToken);
        }
    }
}
