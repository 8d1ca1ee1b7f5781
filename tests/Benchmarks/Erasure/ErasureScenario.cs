using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using IntegrationHub.Benchmarks.AudienceSync;
using IntegrationHub.TestServers;
using Npgsql;
using RabbitMQ.Client;

namespace IntegrationHub.Benchmarks.Erasure;

/// <summary>
/// People are erased while two hubs are at work with them, and one is killed; later everything that could bring somebody back tries to. No call that arrives at a vendor after the erasure was answered may
/// name the person, but for the erasure's own; and nothing of the person may be left in the database, in a queue or in what the hubs wrote.
/// </summary>
internal sealed class ErasureScenario(int members, int people)
{
    private const string Header = "CustomerKey,Prefix,FirstName,LastName,BirthDate,MaritalStatus,Gender,EmailAddress,AnnualIncome,TotalChildren,EducationLevel,Occupation,HomeOwner,Phone,Crm\n";
    private const string Code = "buried";
    private const string Secret = "a shared secret";
    private static readonly string[] _vendors = ["braze", "hubspot", "marketo"];

    private readonly GonePerson[] _gone = [.. Enumerable.Range(0, people).Select(number => new GonePerson(number))];

    public static Task<JsonObject> RunAsync(ScenarioOptions options) => new ErasureScenario(options.Number("members", 5_000), options.Number("people", 20)).MeasureAsync();

    private async Task<JsonObject> MeasureAsync()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var broker = await RabbitMqVirtualHost.CreateAsync();
        await using var sandbox = await HubProcess.SandboxAsync();
        await using var calls = new VendorCalls();
        var folder = Directory.CreateTempSubdirectory("hub-erasure-");
        try
        {
            WriteConfiguration(folder.FullName);
            var settings = SyncRuns.Settings(sandbox, database, broker, quotas: false);
            settings["Hub__LogLevel"] = "Information";
            settings["Hub__ConfigPath"] = folder.FullName;
            settings["Hub__OptOuts__Interval"] = VendorFeeds.Interval;
            settings["Hub__Delivery__LeaseLength"] = "00:00:10"; // the work of who was killed is taken up soon
            foreach (var vendor in _vendors)
            {
                settings[$"Hub__Destinations__{vendor}__BaseUrl"] = await calls.WatchAsync(new Uri($"http://127.0.0.1:{sandbox.Port}"), vendor);
            }

            await using var first = await HubProcess.ServeAsync(settings);
            await using var second = await HubProcess.ServeAsync(settings);
            return await MeasureAsync(database, broker, sandbox, calls, first, second);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private async Task<JsonObject> MeasureAsync(PostgresDatabase database, RabbitMqVirtualHost broker, HubProcess sandbox, VendorCalls calls, HubProcess first, HubProcess second)
    {
        await using var sql = NpgsqlDataSource.Create(database.ConnectionString);
        ScenarioOptions.Progress("everybody becomes known ...");
        await SyncRuns.SyncAsync(first, database, await LoadAsync(first, 0), "full");
        await PostAsync(first, "/v1/events", GoneFacts.Facts(_gone.SelectMany(GoneFacts.StatedKeys)), "application/x-ndjson");
        foreach (var person in _gone.Where(person => person.IsMerged))
        {
            await PostAsync(first, "/v1/identities/merge", new { key = $"external_id:{person.Id}", person = person.OtherId, reason = "one person", by = "benchmark" });
        }

        await HubTables.QuietAsync(sql);
        var remote = await RemoteIdsAsync(sql, "length(d.remote_id) > 5"); // a shorter one stands in other numbers too
        var atHubSpot = await RemoteIdsAsync(sql, "d.destination = 'hubspot'");
        await BackfillCalls.RenameAsync(sandbox, sql);
        var done = await BackfillCalls.BackfillAsync(first, new { destination = "hubspot", audience = "customers", attributes = new[] { "last_name" } }, isStarted: true);
        await HubTables.QuietAsync(sql);
        var waiting = await BackfillCalls.BackfillAsync(first, new { destination = "hubspot", people = _gone.Select(person => person.Id).Append("c1"), attributes = new[] { "first_name" } }, isStarted: false);
        var letters = await BuryAsync(sql);
        var stood = await TablesThatName.FindAsync(database.ConnectionString, Words);

        ScenarioOptions.Progress($"{people} people are erased while a sync of {members} runs, {letters} letters and a backfill wait ...");
        using var over = new CancellationTokenSource();
        var load = LoadAsync(broker, [first, second], over.Token);
        var runs = await SyncRuns.StartAsync(first, await LoadAsync(first, 1), "full");
        var begun = TimeProvider.System.GetUtcNow();
        await Poll.Until(() => calls.All.Count(call => call.At > begun && NamedIn(call.Body, Words)) > people / 4, "people to be written under load");
        var asked = await EraseAsync(first, second);
        var erasures = new Dictionary<GonePerson, JsonElement>();
        foreach (var (person, one) in asked)
        {
            erasures[person] = await Poll.For(() => ShowAsync(first, one.RequestId), shown => shown.ValueKind == JsonValueKind.Object && shown.GetProperty("state").GetString() == "Rechecking", $"{person.Key} to be erased");
        }

        await over.CancelAsync();
        var stated = await load;
        await SyncRuns.UntilAsync(database, runs, "finished_at");
        await HubTables.QuietAsync(sql);

        ScenarioOptions.Progress("and now all of it comes again ...");
        var later = TimeProvider.System.GetUtcNow();
        var comesBack = await ComeBackAsync(database, broker, first, second, sql, done, waiting);
        await HubTables.QuietAsync(sql);
        await Poll.Until(async () => await WaitingAsync(broker) == 0, "the queues to be empty");

        var shown = new List<string>();
        foreach (var vendor in _vendors)
        {
            var state = await sandbox.Http.GetStringAsync($"/{vendor}/_sandbox/state");
            shown.AddRange(Words.Where(word => NamedIn(state, [word])).Select(word => $"{vendor}: {word}"));
        }

        ScenarioOptions.Progress("the vendors tell of those whom somebody made anew there ...");
        comesBack["vendor_feeds"] = await VendorFeeds.TellAsync(first, sandbox, sql, atHubSpot, Secret);
        var late = new List<string>();
        foreach (var (person, one) in asked)
        {
            var accepted = one.SuppressedAt ?? erasures[person].GetProperty("suppressed_at").GetDateTimeOffset();
            string[] words = [.. person.Words, .. remote.GetValueOrDefault(person) ?? []];
            late.AddRange(calls.All.Where(call => call.At > accepted && NamedIn(call.Body, words)).Select(call => $"{person.Id} at {call.Vendor} {call.Path}, {(call.At - accepted).TotalMilliseconds:0} ms after"));
        }

        var left = await TablesThatName.FindAsync(database.ConnectionString, Words);
        var logged = new[] { first, second }.SelectMany(hub => hub.Log).Where(line => NamedIn(line, Words)).ToList();
        var queued = await QueuedAsync(broker);
        var answers = asked.Values.Select(one => one.Milliseconds).Order().ToList();
        var result = new JsonObject
        {
            ["members"] = members, ["people"] = people, ["facts_stated_under_load"] = stated, ["letters"] = letters, ["tables_that_named_them_before"] = stood.Select(row => row.Split(':')[0]).Distinct().Count(),
            ["calls_that_named_them_before"] = calls.All.Count(call => NamedIn(call.Body, Words)), ["calls_to_vendors"] = calls.All.Count(), ["calls_to_vendors_afterwards"] = calls.All.Count(call => call.At > later),
            ["milliseconds_to_the_answer_median"] = answers[answers.Count / 2], ["milliseconds_to_the_answer_longest"] = answers[^1], ["answered_with_a_call_under_way"] = asked.Values.Count(one => one.SuppressedAt is null),
            ["deleted_everywhere"] = erasures.Values.Count(erasure => erasure.GetProperty("destinations").EnumerateArray().All(one => one.GetProperty("action").GetString() == "deleted")),
            ["came_back_by"] = comesBack, ["not_taken_in"] = await HubTables.NotTakenInAsync(sql),
            ["calls_after_acceptance"] = Listed(late), ["tables_that_name_them"] = Listed(left), ["vendors_that_have_them"] = Listed(shown), ["lines_of_logs"] = Listed(logged), ["messages_in_queues"] = Listed(queued),
        };
        return late.Count + left.Count + shown.Count + logged.Count + queued.Count == 0 ? result : throw new InvalidOperationException($"Something is left, or left: {result.ToJsonString(new JsonSerializerOptions { WriteIndented = true })}");
    }

    private string[] Words => [.. _gone.SelectMany(person => person.Words)];

    private static JsonArray Listed(IEnumerable<string> found) => [.. found.Take(40).Select(line => (JsonNode)line)];

    private static bool NamedIn(string text, IEnumerable<string> words) => words.Any(word => text.Contains(word, StringComparison.OrdinalIgnoreCase));

    /// <summary>The sample configuration, with a phone number and an id of the CRM in the list, and a source of webhooks.</summary>
    private static void WriteConfiguration(string folder)
    {
        Directory.CreateDirectory(Path.Combine(folder, "sources"));
        SampleFolder.Write(folder, [], new Dictionary<string, string>
        {
            [Path.Combine("sources", "secret")] = Secret,
            [Path.Combine("sources", $"{VendorFeeds.Source}.yaml")] = VendorFeeds.SourceFile("sources/secret"),
            [Path.Combine("sources", "shop.yaml")] = "dialect: json\nsignature: { scheme: bearer, secret: { file: sources/secret } }\nfacts:\n  - event_type: profile_updated\n    occurred_at: /at\n    event_id: /id\n    subject: { external_id: /person, email: /mail }\n    attributes: { first_name: /name }\n",
        });
        var braze = Path.Combine(folder, "destinations", "braze.yaml");
        File.WriteAllText(braze, File.ReadAllText(braze).Replace("opt_outs: off", "opt_outs: on", StringComparison.Ordinal));
        var audience = Path.Combine(folder, "audiences", "customers.yaml");
        File.WriteAllText(audience, File.ReadAllText(audience).Replace("  HomeOwner: home_owner\n", "  HomeOwner: home_owner\n  Phone: phone\n  Crm: crm_id\n", StringComparison.Ordinal));
    }

    private async Task<Guid> LoadAsync(HubProcess hub, int version)
    {
        var csv = new StringBuilder(Header);
        foreach (var member in Enumerable.Range(0, members))
        {
            csv.Append(GonePerson.Row($"c{member}", $"person{member}@example.test", "", "", member + version));
        }

        foreach (var row in _gone.SelectMany(person => person.Rows(person.Number + version)))
        {
            csv.Append(row);
        }

        var (status, body) = await hub.PostCsvAsync("/v1/audiences/customers/snapshots?kind=full", new MemoryStream(Encoding.UTF8.GetBytes(csv.ToString())), "customers.csv");
        return (int)status == 201 ? body.GetProperty("snapshot_id").GetGuid() : throw new InvalidOperationException(body.ToString());
    }

    /// <summary>States facts about people who are to be erased, and about others, over both doors until it is enough.</summary>
    private async Task<int> LoadAsync(RabbitMqVirtualHost broker, HubProcess[] hubs, CancellationToken over)
    {
        await using var connection = await new ConnectionFactory { Uri = broker.Uri }.CreateConnectionAsync(CancellationToken.None);
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true), CancellationToken.None);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        var (stated, random) = (0, new Random(3));
        try
        {
            for (var i = 0; await timer.WaitForNextTickAsync(over); i++)
            {
                var facts = GoneFacts.Said(_gone[i % people], i).Append(GoneFacts.Fact("behavior_tracked", new { external_id = $"c{random.Next(members)}" }, new { name = "product_viewed", properties = new { product_id = "p-1", price = 12.5 } })).ToList();
                stated += facts.Count;
                if (i % 2 == 0)
                {
                    await PublishAsync(channel, facts);
                }
                else
                {
                    await TryAsync(hubs[i / 2 % hubs.Length], facts);
                }
            }
        }
        catch (OperationCanceledException)
        {
        }

        return stated;
    }

    private static async Task PublishAsync(IChannel channel, IEnumerable<object> facts)
    {
        foreach (var fact in facts)
        {
            var body = JsonSerializer.SerializeToElement(fact);
            await channel.BasicPublishAsync(
                "hub.events", body.GetProperty("event_type").GetString()!, false, new BasicProperties { Persistent = true, ContentType = "application/json" }, Encoding.UTF8.GetBytes(body.GetRawText()), CancellationToken.None);
        }
    }

    /// <summary>A hub that was just killed takes nothing.</summary>
    private static async Task TryAsync(HubProcess hub, IEnumerable<object> facts)
    {
        try
        {
            using var content = new ByteArrayContent(GoneFacts.Facts(facts)) { Headers = { ContentType = new MediaTypeHeaderValue("application/x-ndjson") } };
            using var answer = await hub.Http.PostAsync("/v1/events", content, CancellationToken.None);
        }
        catch (HttpRequestException)
        {
        }
    }

    /// <summary>Asks for everybody's erasure, at both hubs in turn; the second one is killed when half of the people are gone.</summary>
    private async Task<Dictionary<GonePerson, Asked>> EraseAsync(HubProcess first, HubProcess second)
    {
        var asked = new ConcurrentDictionary<GonePerson, Asked>();
        var killing = Task.CompletedTask;
        foreach (var (i, pair) in _gone.Chunk(2).Index())
        {
            var asking = Task.WhenAll(pair.Select(async (person, at) => asked[person] = await EraseAsync(at == 1 ? second : first, first, person)));
            killing = i == people / 4 ? KillAsync(second) : killing;
            await asking;
        }

        await killing;
        return new Dictionary<GonePerson, Asked>(asked);
    }

    private static async Task KillAsync(HubProcess hub)
    {
        await hub.KillAsync();
        await hub.StartAsync();
    }

    private static async Task<Asked> EraseAsync(HubProcess hub, HubProcess other, GonePerson person)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            var (status, body) = await hub.PostAsync("/v1/erasures", new { key = person.Key, law = "gdpr", reason = "ticket 1" });
            var answered = TimeProvider.System.GetUtcNow();
            Require.That((int)status == 202, $"{person.Key}: {body}");
            var isOver = body.TryGetProperty("suppressed_at", out var at) && at.ValueKind == JsonValueKind.String;
            return new Asked(body.GetProperty("request_id").GetGuid(), isOver ? answered : null, Math.Round(Stopwatch.GetElapsedTime(started).TotalMilliseconds));
        }
        catch (HttpRequestException)
        {
            return await EraseAsync(other, other, person);
        }
    }

    private static async Task<JsonElement> ShowAsync(HubProcess hub, Guid requestId)
    {
        using var answer = await hub.Http.GetAsync($"/v1/erasures/{requestId}");
        return answer.IsSuccessStatusCode ? await answer.Content.ReadFromJsonAsync<JsonElement>() : default; // its first message is under way
    }

    /// <summary>Every way by which somebody could be taken in again, or sent.</summary>
    /// <returns>What was done, and how it was answered.</returns>
    private async Task<JsonObject> ComeBackAsync(PostgresDatabase database, RabbitMqVirtualHost broker, HubProcess first, HubProcess second, NpgsqlDataSource sql, Guid done, Guid waiting)
    {
        var answers = new JsonObject();
        var snapshot = await LoadAsync(second, 2);
        answers["list"] = (await first.GetAsync($"/v1/snapshots/{snapshot}")).GetProperty("accepted").GetInt64();
        await SyncRuns.UntilAsync(database, await SyncRuns.StartAsync(first, snapshot, "full"), "finished_at");
        await HubTables.QuietAsync(sql);
        await using (var connection = await new ConnectionFactory { Uri = broker.Uri }.CreateConnectionAsync())
        await using (var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true)))
        {
            await PublishAsync(channel, _gone.SelectMany(person => GoneFacts.Said(person, 1).Concat(GoneFacts.Said(person, 2)).Concat(GoneFacts.StatedKeys(person))));
            await channel.BasicPublishAsync("hub.events", "profile_updated", Encoding.UTF8.GetBytes($$"""{"event_type":"profile_updated","subject":{"external_id":"{{_gone[0].Id}}"},"payload":"""));
        }

        answers["facts"] = await PostAsync(first, "/v1/events", GoneFacts.Facts(_gone.SelectMany(person => GoneFacts.Said(person, 3).Append(GoneFacts.Fact("no_such_type", new { external_id = person.Id }, new { })))), "application/x-ndjson");
        answers["consents"] = await PostAsync(first, "/v1/consents?purpose=email_marketing&status=denied&source=mailchimp", Encoding.UTF8.GetBytes($"email\n{string.Concat(_gone.Where(person => !person.SharesAddress).Select(person => $"{person.Email}\n"))}"), "text/csv");
        answers["changes"] = await PostAsync(first, "/v1/audiences/customers/changes", Encoding.UTF8.GetBytes(string.Concat(_gone.Select(person => JsonSerializer.Serialize(new { op = "add", external_id = person.Id, attributes = new { first_name = "Kim" } }) + "\n"))), "application/x-ndjson");
        foreach (var person in _gone)
        {
            using var call = new HttpRequestMessage(HttpMethod.Post, "/v1/webhooks/shop") { Content = JsonContent.Create(new { id = $"w-{person.Number}", at = TimeProvider.System.GetUtcNow(), person = person.Id, mail = person.Email, name = "Kim" }) };
            call.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Secret);
            using var answer = await second.Http.SendAsync(call);
            answers["webhook"] = (int)answer.StatusCode;
        }

        await HubTables.QuietAsync(sql);
        answers["backfill_that_waited"] = await BackfillCalls.PassAsync(first, waiting);
        answers["rollback"] = await BackfillCalls.RunAsync(first, $"/v1/backfills/{done}/rollback", new { reason = "a wrong list" });
        answers["backfill_of_people"] = await BackfillCalls.RunAsync(first, "/v1/backfills", new { destination = "braze", people = _gone.Select(person => person.Id).Append($"c{members - 1}"), attributes = new[] { "first_name" } });
        answers["rebuild"] = await BackfillCalls.RunAsync(first, "/v1/backfills", new { kind = "rebuild", producers = new[] { "erasure" } });
        answers["redeliver"] = await BackfillCalls.RunAsync(first, "/v1/backfills", new { kind = "redeliver", destination = "braze", types = new[] { "product_viewed" } });
        answers["redeliver_of_one"] = await BackfillCalls.RunAsync(first, "/v1/backfills", new { kind = "redeliver", destination = "braze", types = new[] { "profile_updated" }, subject = $"external_id:{_gone[0].Id}" });
        var (status, body) = await first.PostAsync("/v1/dead-letters/replay", new { destination = "braze", code = Code, expected = await HubTables.CountAsync(sql, $"SELECT count(*) FROM dead_letters WHERE code = '{Code}'"), reason = "the cause is gone" });
        answers["letters"] = $"{(int)status} {body}";
        await HubTables.QuietAsync(sql);
        if ((int)status == 202)
        {
            answers["letters"] = (await first.GetAsync($"/v1/dead-letters/actions/{body.GetProperty("action_id").GetInt64()}")).GetProperty("results").ToString();
        }

        foreach (var vendor in _vendors)
        {
            (status, body) = await first.PostAsync("/v1/reconciliations", new { audience = "customers", destinations = new[] { vendor }, heal = "all", reason = "as compared" });
            answers[$"reconcile_{vendor}"] = (int)status;
        }

        await HubTables.QuietAsync(sql);
        return answers;
    }

    private async Task<long> BuryAsync(NpgsqlDataSource sql) => await HubTables.CountAsync(
        sql,
        $"""
        WITH dead AS (
            INSERT INTO dead_letters (run_id, destination, audience, profile_id, operation, outcome, code, attempts, at)
            SELECT '00000000-0000-0000-0000-000000000001', 'braze', '', profile_id, 1, 'rejected', '{Code}', 1, now() FROM profiles WHERE external_id LIKE 'gone%' OR external_id IN ('c1', 'c2') RETURNING 1)
        SELECT count(*) FROM dead
        """);

    private async Task<Dictionary<GonePerson, string[]>> RemoteIdsAsync(NpgsqlDataSource sql, string those)
    {
        var ids = new List<(string Person, string Remote)>();
        await using var command = sql.CreateCommand($"SELECT p.external_id, d.remote_id FROM destination_profiles d JOIN profiles p USING (profile_id) WHERE p.external_id LIKE 'gone%' AND {those}");
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            ids.Add((reader.GetString(0), reader.GetString(1)));
        }

        return _gone.ToDictionary(person => person, person => ids.Where(id => id.Person == person.Id || id.Person == person.OtherId).Select(id => id.Remote).ToArray());
    }

    private static async Task<long> WaitingAsync(RabbitMqVirtualHost broker) => (await QueuesAsync(broker)).Where(queue => !IsForFaults(queue.Name)).Sum(queue => queue.Messages);

    /// <summary>Messages that nobody takes and that name somebody.</summary>
    private async Task<List<string>> QueuedAsync(RabbitMqVirtualHost broker)
    {
        var found = new List<string>();
        foreach (var queue in (await QueuesAsync(broker)).Where(queue => queue.Messages > 0))
        {
            using var answer = await broker.Management.PostAsJsonAsync($"api/queues/{broker.Name}/{Uri.EscapeDataString(queue.Name)}/get", new { count = 1_000, ackmode = "ack_requeue_true", encoding = "auto" });
            found.AddRange(JsonNode.Parse(await answer.Content.ReadAsStringAsync())!.AsArray().Select(message => (string?)message!["payload"] ?? "").Where(payload => NamedIn(payload, Words)).Select(payload => $"{queue.Name}: {payload}"));
        }

        return found;
    }

    private static bool IsForFaults(string queue) => queue.EndsWith("_error", StringComparison.Ordinal) || queue.EndsWith("_skipped", StringComparison.Ordinal);

    private static async Task<List<(string Name, long Messages)>> QueuesAsync(RabbitMqVirtualHost broker) =>
        [.. JsonNode.Parse(await broker.Management.GetStringAsync($"api/queues/{broker.Name}"))!.AsArray().Select(queue => ((string)queue!["name"]!, (long?)queue["messages"] ?? 1))];

    private static async Task<string> PostAsync(HubProcess hub, string path, byte[] body, string mediaType)
    {
        using var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(mediaType) } };
        using var answer = await hub.Http.PostAsync(path, content);
        var text = await answer.Content.ReadAsStringAsync();
        Require.That((int)answer.StatusCode < 500, $"{path}: {(int)answer.StatusCode} {text}");
        return $"{(int)answer.StatusCode} {(text.Length > 300 ? text[..300] : text)}";
    }

    private static async Task PostAsync(HubProcess hub, string path, object body)
    {
        var (status, answer) = await hub.PostAsync(path, body);
        Require.That((int)status is >= 200 and < 300, $"{path}: {(int)status} {answer}");
    }

    /// <param name="RequestId">The erasure.</param>
    /// <param name="SuppressedAt">When the answer came; null when a call was under way, so that the erasure says itself since when nothing leaves.</param>
    /// <param name="Milliseconds">How long the answer took.</param>
    private sealed record Asked(Guid RequestId, DateTimeOffset? SuppressedAt, double Milliseconds);
}
