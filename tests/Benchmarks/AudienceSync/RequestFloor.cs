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

    /// <summary>So many requests at a time keep both cores busy; more do not go faster.</summary>
    private const int AtATime = 16;

    /// <summary>Member operations per second over the three vendors: in a plain loop, one request after the other, and with as many at a time as the machine can use.</summary>
    public static async Task<(double OneAtATime, double ManyAtATime)> MeasureAsync(HubProcess sandbox, int members)
    {
        Console.Error.WriteLine($"measuring the floor with {members} members per vendor");
        var recorder = new Recorder();
        var destinations = Connect(sandbox, recorder);
        var targets = await EmptyAsync(sandbox, destinations, recorder);
        await RecordAsync(destinations, targets, recorder, members);

        // The first pass warms the sandbox, the client and the connections; the others count.
        var rates = new List<double>();
        foreach (var atATime in (int[])[AtATime, 1, AtATime])
        {
            await EmptyAsync(sandbox, destinations, recorder);
            var started = Stopwatch.GetTimestamp();
            await ReplayAsync(recorder.Requests, atATime);
            rates.Add(members * destinations.Count / Stopwatch.GetElapsedTime(started).TotalSeconds);
        }

        await EmptyAsync(sandbox, destinations, recorder);
        return (rates[1], rates[2]);
    }

    /// <summary>Empties the sandboxes and makes the audiences anew; a sandbox gives its ids in order, so the recorded ones are good again.</summary>
    private static async Task<List<AudienceTarget>> EmptyAsync(HubProcess sandbox, IReadOnlyList<(IConnector Connector, DestinationMapping)> destinations, Recorder recorder)
    {
        recorder.IsRecording = false;
        var targets = new List<AudienceTarget>();
        foreach (var (connector, _) in destinations)
        {
            using var reset = await sandbox.Http.PostAsync($"/{connector.Descriptor.Name}/_sandbox/reset", null);
            reset.EnsureSuccessStatusCode();
            targets.Add((await connector.EnsureAudienceAsync(new AudienceRequest(AudienceName, AudienceName), CancellationToken.None)).Target!);
        }

        return targets;
    }

    private static List<(IConnector Connector, DestinationMapping Mapping)> Connect(HubProcess sandbox, Recorder recorder)
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
        return
        [
            .. configuration.Destinations.Values.Select(destination =>
            {
                var factory = factories.Single(factory => factory.Descriptor.Name == destination.Connector);
                var context = new ConnectorContext { Settings = destination.ToSettings(), Transport = recorder, Time = TimeProvider.System, Loggers = NullLoggerFactory.Instance };
                return (factory.Create(context)(OpenGate.Instance), DestinationMapping.Compile(configuration.Mappings[destination.Mapping], factory.Descriptor, destination.IdentityKey, FieldPolicy.For(configuration, destination)));
            }),
        ];
    }

    private static async Task RecordAsync(
        IReadOnlyList<(IConnector Connector, DestinationMapping Mapping)> destinations, IReadOnlyList<AudienceTarget> targets, Recorder recorder, int members)
    {
        recorder.IsRecording = true;
        foreach (var ((connector, mapping), target) in destinations.Zip(targets))
        {
            foreach (var chunk in Enumerable.Range(0, members).Chunk(connector.Descriptor.Operations[Operation.AddMember].MaxRecords))
            {
                recorder.Step = 0;
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

    /// <summary>Every batch's first request, then every batch's second: a person exists before it becomes a member, as in the recording.</summary>
    private static async Task ReplayAsync(IReadOnlyList<RecordedRequest> requests, int atATime)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseCookies = false });
        foreach (var step in requests.GroupBy(request => request.Step).OrderBy(step => step.Key))
        {
            await Parallel.ForEachAsync(step, new ParallelOptions { MaxDegreeOfParallelism = atATime }, async (recorded, cancellationToken) =>
            {
                using var request = recorded.ToRequest();
                using var answer = await client.SendAsync(request, cancellationToken);
                answer.EnsureSuccessStatusCode();
                await answer.Content.CopyToAsync(Stream.Null, cancellationToken);
            });
        }
    }

    private sealed record RecordedRequest(int Step, HttpMethod Method, Uri Uri, IReadOnlyList<KeyValuePair<string, string[]>> Headers, byte[] Body, string? ContentType)
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

        /// <summary>Place of the next request in its batch.</summary>
        public int Step { get; set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (IsRecording && request.RequestUri!.AbsolutePath.Contains("/identity/", StringComparison.Ordinal) == false)
            {
                var body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken);
                Requests.Add(new RecordedRequest(
                    Step++, request.Method, request.RequestUri, [.. request.Headers.Select(header => KeyValuePair.Create(header.Key, header.Value.ToArray()))], body, request.Content?.Headers.ContentType?.ToString()));
            }

            return await base.SendAsync(request, cancellationToken);
        }
    }
}
