using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Braze;
using Microsoft.Extensions.Logging.Abstractions;

namespace Connectors.Tests.Braze;

/// <summary>Gives the connector answers that were documented or recorded, one after the other, and holds each record to the class it should get.</summary>
public sealed class When_an_answer_was_recorded
{
    private static readonly ProfileAlias Alias = new("device", "d");
    private static readonly DateTimeOffset Decided = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static IEnumerable<TestCaseData> Answers() => File.ReadLines(Recorded.PathOf("answers.jsonl"))
        .Select(line => new RecordedAnswer(JsonSerializer.Deserialize<JsonElement>(line)))
        .Select(answer => new TestCaseData(answer).SetArgDisplayNames(answer.Id));

    [TestCaseSource(nameof(Answers))]
    public async Task Should_give_each_record_its_class(RecordedAnswer answer)
    {
        using var braze = new Vendor(answer);
        var connector = Connect(braze);
        var items = Enumerable.Range(0, answer.Count).Select(index => Item(answer.Operation, index)).ToArray();
        var classes = answer.Operation switch
        {
            "read" => await ReadAsync(connector, items),
            "hard_bounces" or "invalid_phones" => await FollowAsync(connector, answer.Operation),
            _ => await DeliverAsync(connector, answer.Operation, items),
        };

        Assert.That(braze.WasAsked, Is.True, $"{answer.At} was never called.");
        Assert.Multiple(() =>
        {
            for (var index = 0; index < items.Length; index++)
            {
                Assert.That(classes[index].Intersect(answer.RightOf(index)), Is.Not.Empty, $"Record {index} is {string.Join(", ", classes[index])}, not {string.Join(" or ", answer.RightOf(index))}.");
            }
        });
    }

    [Test]
    public void Should_have_a_page_or_a_source_for_each_and_one_for_every_endpoint()
    {
        var lines = Answers().Select(test => (RecordedAnswer)test.Arguments[0]!).ToArray();
        Assert.That(lines.Select(answer => answer.Id), Is.Unique);
        Assert.That(lines, Has.All.Matches<RecordedAnswer>(answer => answer!.Line.TryGetProperty("source", out _)));
        var documented = lines.Where(answer => answer.Line.TryGetProperty("page", out _)).Select(answer => answer.At).ToHashSet();
        Assert.That(
            BrazeDescriptor.Instance.Endpoints.Except([BrazeApiVersion.CustomAttributes, BrazeApiVersion.EventSeries, BrazeApiVersion.Events]).Select(endpoint => $"{endpoint.Method} {endpoint.Path}").Except(documented), Is.Empty,
            "Endpoints without a documented answer; that of the attributes is in attributes-first.json, that of the series in When_events_are_counted, that of the kinds of event in When_custom_events_are_inspected.");
    }

    private static async Task<string[][]> DeliverAsync(BrazeConnector connector, string operation, BatchItem[] items)
    {
        var receipt = await connector.DeliverAsync(ScriptedBraze.Of(Of(operation), items), default);
        Assert.That(receipt.Outcomes.Select(outcome => outcome.RecordId), Is.EqualTo(items.Select(item => item.RecordId)));
        return [.. receipt.Outcomes.Select(outcome => ClassesOf(outcome.Outcome, receipt.Condition?.Trouble))];
    }

    private static async Task<string[][]> FollowAsync(BrazeConnector connector, string feed) =>
        [.. (await connector.ReadOptOutsAsync(new OptOutQuestion(feed, null, Decided, []), default)).OptOuts.Select(_ => (string[])["found"])];

    /// <summary>Whoever is asked for is found or not; a destination in trouble finds nobody.</summary>
    private static async Task<string[][]> ReadAsync(BrazeConnector connector, BatchItem[] items)
    {
        try
        {
            var found = await connector.ReadProfilesAsync([.. items.Select(item => item.Key)], [], default);
            return [.. items.Select(item => new[] { found.Any(profile => profile.Key == item.Key) ? "found" : "none" })];
        }
        catch (DestinationException e)
        {
            return [.. items.Select(_ => ClassesOf(Outcome.NotSent, e.Condition.Trouble))];
        }
    }

    private static string[] ClassesOf(Outcome outcome, DestinationTrouble? trouble) => (outcome, trouble) switch
    {
        (Outcome.Delivered or Outcome.Unchanged, _) => ["success"],
        (Outcome.Rejected, _) => ["abort", "fail"],
        (Outcome.Ambiguous, _) => ["ambiguous", "fail"],
        (Outcome.RetryLater, _) => ["retry", "fail"],
        (_, DestinationTrouble.Throttled) => ["throttled", "retry", "fail"],
        (_, DestinationTrouble.Unauthorized) => ["auth", "abort", "fail"],
        (_, DestinationTrouble.Misconfigured) => ["halt", "abort", "fail"],
        _ => ["unavailable", "retry", "fail"],
    };

    private static Operation Of(string operation) => operation switch
    {
        "upsert" => Operation.UpsertProfile,
        "add" => Operation.AddMember,
        "remove" => Operation.RemoveMember,
        "event" or "purchase" => Operation.TrackEvent,
        "identify" => Operation.IdentifyProfile,
        "alias" => Operation.AddAlias,
        "merge" => Operation.MergeProfiles,
        "rename" => Operation.ChangeKey,
        "delete" => Operation.DeleteProfile,
        "topic" or "opt_in" or "opt_out" => Operation.SetConsent,
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "No such operation."),
    };

    private static BatchItem Item(string operation, int index)
    {
        var item = ScriptedBraze.Person(index, new Field("first_name", FieldValue.Of("Ann")));
        var bare = item with { Fields = [] };
        return operation switch
        {
            "event" => bare with { Event = Event() },
            "purchase" => bare with { Event = Event() with { Purchase = new Purchase("sku-1", "EUR", 9.99m) } },
            "identify" or "alias" => bare with { Identity = new IdentityChange { Alias = Alias with { Name = $"{Alias.Name}-{index}" } } },
            "merge" => bare with { Identity = new IdentityChange { OtherKey = $"other-{index}" } },
            "rename" => bare with { Identity = new IdentityChange { NewKey = NewKey(index) } },
            "topic" => bare with { Consent = new ConsentChange { DecidedAt = Decided, Topics = [new TopicConsent("g-news", false)] } },
            "opt_out" => bare with { Consent = new ConsentChange { DecidedAt = Decided, MarketingEmail = false, Email = Email(index) } },
            "opt_in" => bare with { Consent = new ConsentChange { DecidedAt = Decided, MarketingEmail = true, Email = Email(index) } },
            "remove" or "delete" => bare,
            _ => item,
        };
    }

    private static Behavior Event() => new() { Id = Guid.NewGuid(), Name = "viewed", OccurredAt = Decided };

    private static string Email(int index) => string.Create(CultureInfo.InvariantCulture, $"c-{index}@example.test");

    private static string NewKey(int index) => string.Create(CultureInfo.InvariantCulture, $"n-{index}");

    private static BrazeConnector Connect(Vendor vendor) => (BrazeConnector)new BrazeConnectorFactory().Create(new ConnectorContext
    {
        Settings = new DestinationSettings
        {
            Name = "braze", BaseUrl = new Uri("https://rest.fra-01.braze.eu"), IdentityKey = "external_id",
            Secrets = new Dictionary<string, Func<string?>> { ["api_key"] = () => "canary-key" },
        },
        Transport = vendor,
        CallTimeout = TimeSpan.FromMilliseconds(vendor.IsLate ? 50 : 60_000),
        Time = TimeProvider.System,
        Loggers = NullLoggerFactory.Instance,
    })(OpenGate.Instance);

    /// <summary>A Braze that answers well, but for the endpoint in question.</summary>
    private sealed class Vendor(RecordedAnswer recorded) : HttpMessageHandler
    {
        public bool WasAsked { get; private set; }

        public bool IsLate => recorded.Fault == "late";

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if ($"{request.Method} {request.RequestUri!.AbsolutePath}" == recorded.At)
            {
                WasAsked = true;
                return await RecordedAsync(request, cancellationToken);
            }

            var body = request.Content is null ? default : JsonSerializer.Deserialize<JsonElement>(await request.Content.ReadAsByteArrayAsync(cancellationToken));
            return Json(200, request.RequestUri.AbsolutePath switch
            {
                "/users/export/ids" => $$"""{"message":"success","users":[{{string.Join(',', Users(body))}}]}""",
                "/users/external_ids/rename" => $$"""{"message":"success","external_ids":[{{Ids(body.GetProperty("external_id_renames").EnumerateArray().Select(pair => pair.GetProperty("new_external_id")))}}],"rename_errors":[]}""",
                "/users/external_ids/remove" => $$"""{"message":"success","removed_ids":[{{Ids(body.GetProperty("external_ids").EnumerateArray())}}],"removal_errors":[]}""",
                "/email/unsubscribes" => """{"message":"success","emails":[]}""",
                _ => """{"message":"success"}""",
            });
        }

        private async Task<HttpResponseMessage> RecordedAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (recorded.Fault == "unreachable")
            {
                throw new HttpRequestException(HttpRequestError.ConnectionError, "Connection refused.");
            }

            await (request.Content?.ReadAsByteArrayAsync(cancellationToken) ?? Task.CompletedTask);
            if (recorded.Fault == "late")
            {
                await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
            }

            if (recorded.Fault == "lost")
            {
                throw new HttpRequestException(HttpRequestError.ResponseEnded, "The connection broke.");
            }

            var text = recorded.Body;
            for (var index = 0; index < recorded.Count; index++)
            {
                text = text.Replace($"{{{{key:{index}}}}}", $"c-{index}", StringComparison.Ordinal)
                    .Replace($"{{{{new:{index}}}}}", NewKey(index), StringComparison.Ordinal)
                    .Replace($"{{{{email:{index}}}}}", Email(index), StringComparison.Ordinal);
            }

            var response = Json(recorded.Status, text, recorded.MediaType);
            foreach (var (name, value) in recorded.Headers)
            {
                response.Headers.TryAddWithoutValidation(name, value);
            }

            return response;
        }

        /// <summary>Everybody who is asked for, by external id with an address and an opt-out, by alias unidentified.</summary>
        private static IEnumerable<string> Users(JsonElement request)
        {
            foreach (var id in request.TryGetProperty("external_ids", out var ids) ? ids.EnumerateArray().Select(id => id.GetString()!) : [])
            {
                yield return $$"""{"external_id":"{{id}}","braze_id":"5f{{id}}","email":"{{id}}@example.test","email_subscribe":"unsubscribed"}""";
            }

            foreach (var alias in request.TryGetProperty("user_aliases", out var aliases) ? aliases.EnumerateArray().Select(alias => alias.GetRawText()) : [])
            {
                yield return $$"""{"braze_id":"5falias","user_aliases":[{{alias}}]}""";
            }
        }

        private static string Ids(IEnumerable<JsonElement> ids) => string.Join(',', ids.Select(id => id.GetRawText()));

        private static HttpResponseMessage Json(int status, string body, string mediaType = "application/json")
            => new((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8, mediaType) };
    }
}
