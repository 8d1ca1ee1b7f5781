using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using IntegrationHub.Connectors.Sandbox;
using IntegrationHub.Hub;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.TestServers;
using Npgsql;

namespace EndToEnd.Tests;

/// <summary>
/// The restore drill of the operations guide (Hub/Docs/operations/backup-and-restore.md), step by step: the database goes back to a moment, vendors, broker and people do not. Each person here is about one thing that
/// only the lost time knew.
/// </summary>
[TestFixture]
[Parallelizable(ParallelScope.Self)]
public sealed partial class When_a_database_is_restored_to_a_moment
{
    private const int People = 30;
    private const int Withdrew = 1, OptedOutAtBraze = 2, Left = 3, Changed = 4, Viewed = 5, Erased = 6, DeletedThere = 7, WithdrewInTheQueue = 8, OptedOutAtHubSpot = 9, ChangedThere = 10, Joined = People;
    private const string Key = "customers";
    private static readonly int[] _withdrawn = [Withdrew, OptedOutAtBraze, WithdrewInTheQueue, OptedOutAtHubSpot];
    private static readonly string[] _over = ["Completed", "CompletedWithIssues", "Failed", "Canceled"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hub-restore-");
    private SandboxServer _vendors = null!;
    private HttpClient _sandbox = null!;
    private PostgresDatabase _database = null!;
    private RabbitMqVirtualHost _broker = null!;
    private HubProcess? _hub;

    [SetUp]
    public async Task Begin()
    {
        _vendors = await SandboxServer.StartAsync(new SandboxOptions { Quotas = false }, CancellationToken.None);
        _sandbox = new HttpClient { BaseAddress = new Uri(_vendors.BaseUrl("braze").GetLeftPart(UriPartial.Authority)) };
        (_database, _broker) = (await MigratedDatabase.CreateAsync(), await RabbitMqVirtualHost.CreateAsync());
        WriteConfiguration();
    }

    [TearDown]
    public async Task End()
    {
        if (_hub is not null)
        {
            await _hub.DisposeAsync();
        }

        _sandbox.Dispose();
        await _vendors.DisposeAsync();
        await _broker.DisposeAsync();
        await _database.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Test]
    public async Task Should_lose_no_withdrawal_double_nothing_and_heal_what_differs()
    {
        // The time before. One event is owed to Braze at the moment: it does not answer just then.
        await StartAsync(_database);
        await SyncAsync(await LoadAsync(Enumerable.Range(0, People)));
        var (seenBefore, owed) = (View(Viewed), View(Viewed));
        await StateAsync(seenBefore);
        await UntilKeptAsync(seenBefore, World.Destinations);
        _vendors["braze"].Faults.Add(new Fault { Kind = FaultKind.Status });
        await StateAsync(owed);
        await UntilKeptAsync(owed, "hubspot", "marketo");
        await using var restored = await KeepAsync();
        _vendors["braze"].Faults.Clear();

        // What is lost: withdrawals here and there, a new list, an event, an erasure; and what somebody did at the vendors.
        var since = View(Viewed);
        object[] lost = [Denial(Withdrew), Profile(Changed)];
        await StateAsync(since);
        await StateAsync(lost);
        await AtBrazeAsync("email/status", new { email = Address(OptedOutAtBraze), subscription_state = "unsubscribed" });
        foreach (var person in new[] { Withdrew, OptedOutAtBraze })
        {
            await UntilOptedOutAsync(person);
        }

        await SyncAsync(await LoadAsync(LaterList));
        await EraseAsync();
        foreach (var happened in new[] { owed, since })
        {
            await UntilKeptAsync(happened, World.Destinations);
        }

        await AtHubSpotAsync(HttpMethod.Post, $"communication-preferences/v4/statuses/{Address(OptedOutAtHubSpot)}/unsubscribe-all?channel=EMAIL", null);
        await AtHubSpotAsync(HttpMethod.Delete, $"crm/v3/objects/contacts/{await AtHubSpotAsync(DeletedThere)}", null);
        await AtHubSpotAsync(HttpMethod.Patch, $"crm/v3/objects/contacts/{await AtHubSpotAsync(ChangedThere)}", new { properties = new { lastname = "Changed" } });
        await StopAsync(); // step 1
        await QueueAsync(Denial(WithdrewInTheQueue));

        // Steps 2 to 7: nothing is sent until erasures and consent are whole again. Who opted out at Braze comes back by its feed, which is read on from where it was at the moment.
        Assert.That(await HubHost.DoubtAsync(["--Hub:Database=Postgres", $"--Hub:ConnectionString={restored.ConnectionString}"], CancellationToken.None), Is.EqualTo(1), "what was owed at the moment may have been sent since");
        var before = await OthersAsync();
        await StartAsync(restored, sends: false);
        using var erased = await Http.PostAsJsonAsync("/v1/erasures", new { key = World.ExternalId(Erased), law = "gdpr", reason = "ticket 1, once more" });
        Assert.That(erased.StatusCode, Is.EqualTo(HttpStatusCode.Accepted), await erased.Content.ReadAsStringAsync());
        var erasure = (await erased.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("request_id").GetGuid();
        await StateAsync(lost);
        using (var export = new StringContent($"email\n{Address(OptedOutAtHubSpot)}\n", Encoding.UTF8, "text/csv"))
        {
            using var loaded = await Http.PostAsync("/v1/consents?purpose=email_marketing&status=denied&source=hubspot_export", export);
            Assert.That(loaded.StatusCode, Is.EqualTo(HttpStatusCode.Accepted), await loaded.Content.ReadAsStringAsync());
        }

        foreach (var person in _withdrawn)
        {
            await UntilDeniedAsync(person);
        }

        await Poll.Until(async () => (await Http.GetFromJsonAsync<JsonElement>($"/v1/erasures/{erasure}")).GetProperty("state").GetString() == "Rechecking", "the erasure to be done once more");
        var list = await LoadAsync(LaterList);
        var told = (await ReconcileAsync(null, "hubspot")).Single();
        Assert.That(Causes(told), Is.EquivalentTo(new[]
        {
            "missing removed_there 3", "missing deleted_there 1", "unexpected owned_by_others 1", "different changed_there 1",
        }), told.ToString());
        await StopAsync();
        Assert.That(await OthersAsync(), Is.EqualTo(before), "but for the erasure, a hub that sends nothing has changed nothing at a vendor");

        // Steps 8 to 11: hubs send, the list of today goes out, the rest is healed.
        await StartAsync(restored);
        var runs = await BeginAsync("/v1/audience-syncs", new { audience = Key, snapshot_id = list });
        await UntilAsync(runs, _over); // the one to HubSpot with issues: it misses whom somebody deleted there, and the next one adds them
        await SyncAsync(list);
        await ReconcileAsync("all", World.Destinations);
        foreach (var vendor in World.Destinations)
        {
            await Happenings.SettleAsync(_sandbox, vendor);
        }

        foreach (var comparison in await ReconcileAsync(null, World.Destinations))
        {
            Assert.That(Causes(comparison), Is.Empty, comparison.ToString());
        }

        HashSet<string> expected = [.. LaterList.Except(_withdrawn).Except([Erased]).Select(World.ExternalId)];
        foreach (var vendor in World.Destinations)
        {
            Assert.That(await VendorState.MembersAsync(_sandbox, vendor), Is.EquivalentTo(expected), vendor);
            Assert.That(await VendorState.EverybodyAsync(_sandbox, vendor), Does.Not.Contain(World.ExternalId(Erased)), vendor);
            Assert.That((await Happenings.AtAsync(_sandbox, vendor)).OrderBy(kept => kept.Key), Is.EqualTo(new[] { seenBefore, owed, since }.Select(id => KeyValuePair.Create(id.Id, 1)).OrderBy(kept => kept.Key)), $"{vendor} keeps each event once");
        }

        foreach (var person in _withdrawn)
        {
            await UntilOptedOutAsync(person);
        }

        var letters = await Http.GetFromJsonAsync<JsonElement>("/v1/dead-letters");
        Assert.That(letters.GetProperty("items").EnumerateArray().Select(letter => $"{letter.GetProperty("destination").GetString()} {letter.GetProperty("code").GetString()} {letter.GetProperty("event_id").GetString()}"), Is.EqualTo(new[] { $"braze ambiguous {owed.Id}" }));
        Assert.That((await Http.GetFromJsonAsync<JsonElement>("/v1/audit/verify")).GetProperty("intact").GetBoolean(), Is.True);
    }

    private HttpClient Http => _hub?.Http ?? throw new InvalidOperationException("No hub runs.");

    private static IEnumerable<int> LaterList => Enumerable.Range(0, People + 1).Where(person => person != Left);

    private static object Fact(Guid id, string type, int person, object payload) => new
    {
        event_id = id, event_type = type, schema_version = 1, occurred_at = DateTimeOffset.UtcNow, producer = "preference-center", tenant_id = "default", subject = new { external_id = World.ExternalId(person) }, payload,
    };

    private static object Denial(int person) => Fact(Guid.NewGuid(), "consent_updated", person, new { purpose = "email_marketing", status = "denied", source = "preference-center" });

    private static object Profile(int person) => Fact(Guid.NewGuid(), "profile_updated", person, new { attributes = new { total_children = 5 } });

    private static (Guid Id, object Fact) View(int person)
    {
        var id = Guid.NewGuid();
        return (id, Fact(id, "behavior_tracked", person, new { name = Happenings.Viewed, properties = new { product_id = "p-1" } }));
    }

    private static IEnumerable<string> Causes(JsonElement run) =>
        run.GetProperty("causes").EnumerateArray().Select(cause => $"{cause.GetProperty("kind").GetString()} {cause.GetProperty("cause").GetString()} {cause.GetProperty("count").GetInt64()}");

    /// <summary>The samples, with credentials that every hub of this process finds, and whole comparisons.</summary>
    private void WriteConfiguration()
    {
        var secrets = _vendors.Rooms.Values.SelectMany(room => room.Vendor.Credentials.Select(credential => ($"{room.Vendor.Name}_{credential.Key}".ToUpperInvariant(), credential.Value))).ToDictionary();
        foreach (var (name, secret) in secrets)
        {
            File.WriteAllText(Path.Combine(_folder.FullName, name), secret);
        }

        foreach (var file in Directory.EnumerateFiles(ConfigurationLoader.SampleFolder, "*.yaml", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(_folder.FullName, "config", Path.GetRelativePath(ConfigurationLoader.SampleFolder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.WriteAllText(copy, Credential().Replace(File.ReadAllText(file), reference => $"{{ file: {Path.Combine(_folder.FullName, reference.Groups[1].Value)} }}"));
        }

        File.AppendAllText(Path.Combine(_folder.FullName, "config", "audiences", $"{Key}.yaml"), "\nreconcile: { heal: report, fields: whole }\n");
    }

    private Dictionary<string, string> Settings(PostgresDatabase database, bool sends)
    {
        var settings = new Dictionary<string, string>
        {
            ["Hub__Database"] = "Postgres", ["Hub__ConnectionString"] = database.ConnectionString, ["Hub__Bus"] = "RabbitMq", ["Hub__RabbitMq"] = _broker.Uri.AbsoluteUri, ["Hub__DataPath"] = _folder.FullName,
            ["Hub__ConfigPath"] = Path.Combine(_folder.FullName, "config"), ["Hub__LogLevel"] = "Warning", ["Hub__Delivery__Quotas"] = "false", ["Hub__OptOuts__Interval"] = "00:00:01",
            ["Hub__Delivery__FirstRetryDelay"] = "00:00:00.100", ["Hub__Delivery__LongestRetryDelay"] = "00:00:01", ["Hub__Delivery__FirstCircuitPause"] = "00:00:00.100",
            ["Hub__Delivery__LongestCircuitPause"] = "00:00:01", ["Hub__VerificationPatience"] = "00:00:05", ["Hub__Delivery__Sends"] = $"{sends}",
        };
        foreach (var vendor in World.Destinations)
        {
            settings[$"Hub__Destinations__{vendor}__BaseUrl"] = $"{_vendors.BaseUrl(vendor)}";
        }

        return settings;
    }

    private async Task StartAsync(PostgresDatabase database, bool sends = true) => _hub = await HubProcess.ServeAsync(Settings(database, sends));

    private async Task StopAsync()
    {
        Assert.That(await _hub!.StopAsync(), Is.Zero, "a hub that is told to stop ends well");
        await _hub.DisposeAsync();
        _hub = null;
    }

    /// <summary>A copy of the database as it is at this moment; nobody may be connected meanwhile.</summary>
    private async Task<PostgresDatabase> KeepAsync()
    {
        await StopAsync();
        await Poll.Until(
            async () =>
            {
                await using var administrator = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(SharedServers.Postgres) { Pooling = false }.ConnectionString);
                await using var connected = administrator.CreateCommand($"SELECT count(*) FROM pg_stat_activity WHERE datname = '{_database.Name}'");
                return (long)(await connected.ExecuteScalarAsync())! == 0;
            },
            "the hub to have left its database");
        var kept = await PostgresDatabase.CreateAsync(template: _database.Name);
        await StartAsync(_database);
        return kept;
    }

    private async Task<Guid> LoadAsync(IEnumerable<int> people)
    {
        var text = new StringBuilder("CustomerKey,Prefix,FirstName,LastName,BirthDate,MaritalStatus,Gender,EmailAddress,AnnualIncome,TotalChildren,EducationLevel,Occupation,HomeOwner\n");
        foreach (var person in people)
        {
            text.Append(World.ExternalId(person)).Append(",MR.,First,Last,04/08/1966,M,M,").Append(Address(person)).Append(",\"$90,000 \",2,Bachelors,Professional,Y\n");
        }

        using var csv = new StringContent(text.ToString(), Encoding.UTF8, "text/csv");
        using var loaded = await Http.PostAsync($"/v1/audiences/{Key}/snapshots", csv);
        Assert.That(loaded.StatusCode, Is.EqualTo(HttpStatusCode.Created), await loaded.Content.ReadAsStringAsync());
        return (await loaded.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("snapshot_id").GetGuid();
    }

    private static string Address(int person) => $"person{person}@example.test";

    private async Task SyncAsync(Guid snapshot) => await UntilAsync(await BeginAsync("/v1/audience-syncs", new { audience = Key, snapshot_id = snapshot }), _over);

    private async Task UntilAsync(IEnumerable<Guid> runs, string[] states)
    {
        foreach (var run in runs)
        {
            await Poll.Until(async () => (await ShowAsync($"/v1/runs/{run}")) is { } shown && states.Contains(shown.GetProperty("state").GetString()), $"run {run} to be {string.Join(" or ", states)}");
        }
    }

    private async Task<IReadOnlyList<JsonElement>> ReconcileAsync(string? heal, params string[] destinations)
    {
        var over = new List<JsonElement>();
        foreach (var run in await BeginAsync("/v1/reconciliations", new { audience = Key, destinations, heal, reason = "after a restore" }))
        {
            over.Add((await Poll.For(() => ShowAsync($"/v1/reconciliations/{run}"), shown => shown is { } one && _over.Contains(one.GetProperty("state").GetString()), $"comparison {run} to be over"))!.Value);
        }

        return over;
    }

    private async Task<IReadOnlyList<Guid>> BeginAsync(string path, object body)
    {
        using var answer = await Http.PostAsJsonAsync(path, body);
        var told = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted), told.ToString());
        return [.. told.GetProperty("runs").EnumerateArray().Select(run => run.GetProperty("run_id").GetGuid())];
    }

    private async Task<JsonElement?> ShowAsync(string path)
    {
        using var answer = await Http.GetAsync(path);
        return answer.IsSuccessStatusCode ? await answer.Content.ReadFromJsonAsync<JsonElement>() : null;
    }

    private Task StateAsync((Guid Id, object Fact) happened) => StateAsync(happened.Fact);

    private async Task StateAsync(params object[] facts)
    {
        using var answer = await Http.PostAsJsonAsync("/v1/events", facts);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted), await answer.Content.ReadAsStringAsync());
    }

    /// <summary>As a producer publishes it while no hub is there.</summary>
    private async Task QueueAsync(object fact)
    {
        using var answer = await _broker.Management.PostAsJsonAsync($"api/exchanges/{_broker.Name}/hub.events/publish", new
        {
            routing_key = "consent_updated", payload = JsonSerializer.Serialize(fact), payload_encoding = "string", properties = new { delivery_mode = 2, content_type = "application/json" },
        });
        Assert.That((await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("routed").GetBoolean(), Is.True, "the hub's queue keeps it");
    }

    private async Task EraseAsync()
    {
        using var answer = await Http.PostAsJsonAsync("/v1/erasures", new { key = World.ExternalId(Erased), law = "gdpr", reason = "ticket 1" });
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted), await answer.Content.ReadAsStringAsync());
        var request = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("request_id").GetGuid();
        await Poll.Until(async () => (await ShowAsync($"/v1/erasures/{request}"))?.GetProperty("state").GetString() == "Rechecking", "the person to be erased");
    }

    /// <summary>What vendors have of everybody but the erased person.</summary>
    private async Task<IReadOnlyList<string>> OthersAsync()
    {
        var all = new List<string>();
        foreach (var vendor in World.Destinations)
        {
            all.AddRange((await _sandbox.GetStringAsync($"/{vendor}/_sandbox/state")).Split('\n').Where(line => !line.Contains(World.ExternalId(Erased), StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        }

        return all;
    }

    private Task UntilDeniedAsync(int person) => Poll.Until(
        async () =>
        {
            using var answer = await Http.PostAsJsonAsync("/v1/policy/check", new { purpose = "email_marketing", subject = new { external_id = World.ExternalId(person) } });
            return !(await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("allowed").GetBoolean();
        },
        $"the withdrawal of person {person} to be known again");

    private Task UntilOptedOutAsync(int person) => Poll.Until(
        async () =>
        {
            foreach (var vendor in World.Destinations)
            {
                var lines = (await _sandbox.GetStringAsync($"/{vendor}/_sandbox/state")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
                var consent = JsonElement.Parse(lines.Single(line => line.Contains($"\"{World.ExternalId(person)}\"", StringComparison.Ordinal))).GetProperty("consent").EnumerateObject().Select(state => $"{state.Name}={state.Value}");
                if (!consent.Any(state => state is "email_subscribe=unsubscribed" or "unsubscribed=true" || state.EndsWith("=UNSUBSCRIBED", StringComparison.Ordinal)))
                {
                    return false;
                }
            }

            return true;
        },
        $"every vendor to know that person {person} opted out");

    private Task UntilKeptAsync((Guid Id, object Fact) happened, params string[] vendors) => Poll.Until(
        async () =>
        {
            foreach (var vendor in vendors)
            {
                if (!(await Happenings.AtAsync(_sandbox, vendor)).ContainsKey(happened.Id))
                {
                    return false;
                }
            }

            return true;
        },
        $"{string.Join(", ", vendors)} to keep event {happened.Id}");

    private async Task<string> AtHubSpotAsync(int person) =>
        (await AtHubSpotAsync(HttpMethod.Post, "crm/v3/objects/contacts/batch/read", new { idProperty = "hub_external_id", properties = Array.Empty<string>(), inputs = new[] { new { id = World.ExternalId(person) } } }))
            .GetProperty("results")[0].GetProperty("id").GetString()!;

    private Task<JsonElement> AtHubSpotAsync(HttpMethod method, string path, object? body) => CallAsync("hubspot", "access_token", method, path, body);

    private Task AtBrazeAsync(string path, object body) => CallAsync("braze", "api_key", HttpMethod.Post, path, body);

    private async Task<JsonElement> CallAsync(string vendor, string credential, HttpMethod method, string path, object? body)
    {
        using var request = new HttpRequestMessage(method, $"/{vendor}/{path}") { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _vendors[vendor].Vendor.Credentials[credential]);
        using var answer = await _sandbox.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.That(answer.IsSuccessStatusCode, Is.True, $"{path}: {(int)answer.StatusCode} {text}");
        return text.Length == 0 ? default : JsonElement.Parse(text);
    }

    [GeneratedRegex(@"\{ env: (\w+) \}")]
    private static partial Regex Credential();
}
