using System.Net;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Marketo;
using IntegrationHub.Connectors.Sandbox;
using Microsoft.Extensions.Time.Testing;
using static Connectors.Tests.Marketo.People;
using static Connectors.Tests.Marketo.ScriptedMarketo;

namespace Connectors.Tests.Marketo;

public sealed class When_marketo_imports_are_followed
{
    private const string Started = """{"success":true,"result":[{"batchId":3404,"importId":"3404","status":"Queued"}]}""";

    private FakeTimeProvider _time = null!;
    private SandboxClient _marketo = null!;
    private AudienceTarget _list = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _time = Clock.AtNoon();
        _marketo = await SandboxClient.StartAsync(new SandboxOptions { Quotas = false, Time = _time, ApplyDelay = TimeSpan.FromMinutes(1) });
        _list = new("spring", $"{await _marketo.CreateListAsync()}");
    }

    [TearDown]
    public async Task StopAsync() => await _marketo.DisposeAsync();

    [Test]
    public async Task Should_make_members_of_all_rows_when_the_job_is_complete()
    {
        var connector = _marketo.Connect();
        var batch = Adding([.. Enumerable.Range(1, 700).Select(id => Person(id))]);
        var job = await StartedAsync(connector, batch);
        Assert.That(await connector.FollowBulkAsync(job, batch, default), Is.Null);
        Assert.That(_marketo.Marketo.IsSettled, Is.False);

        _time.Advance(TimeSpan.FromMinutes(1));
        var receipt = await connector.FollowBulkAsync(job, batch, default);
        Assert.That(receipt!.Outcomes.Select(one => one.RecordId), Is.EqualTo(batch.Items.Select(item => item.RecordId)));
        Assert.That(receipt.Outcomes.Select(one => one.Outcome), Is.All.EqualTo(Outcome.Delivered));
        Assert.That(_marketo.Marketo.People().Select(person => (person.Keys["email"], person.Fields["firstName"], person.Memberships.Single())), Is.EqualTo(
            batch.Items.Select(item => (item.Key, $"\"Person {item.RecordId}\"", _list.RemoteRef))));
    }

    [Test]
    public async Task Should_write_values_as_they_are()
    {
        Field[] fields =
        [
            new("firstName", FieldValue.Of("=Zoë, \"Z\"\r\nsecond line")), new("annualIncome", FieldValue.Of(90000.50m)), new("homeOwner", FieldValue.Of(true)),
            new("dateOfBirth", FieldValue.Of(new DateOnly(1966, 4, 8))), new("lastName", FieldValue.Of(" -1 ")),
        ];
        var connector = _marketo.Connect();
        var batch = Adding(Person(1, null, fields)) with { Operation = Operation.UpsertProfile };
        var receipt = await EndAsync(connector, batch, await StartedAsync(connector, batch));
        Assert.That(receipt.Told(), Is.EqualTo(new[] { "1 Delivered" }));
        var read = (await connector.ReadProfilesAsync([batch.Items[0].Key], [.. fields.Select(field => field.Name)], default)).Single().Fields;
        Assert.That(System.Text.Json.JsonSerializer.Deserialize<string>(read["firstName"]), Is.EqualTo("=Zoë, \"Z\"\r\nsecond line"));
        Assert.That((read["annualIncome"], read["homeOwner"], read["dateOfBirth"], read["lastName"]), Is.EqualTo(("90000.50", "true", "\"1966-04-08\"", "\" -1 \"")));
    }

    [Test]
    public async Task Should_judge_each_row_by_the_vendors_files()
    {
        await _marketo.UpsertAsync("""{"email":"person2@example.test"},{"email":"person2@example.test"}""", "createDuplicate");
        var connector = _marketo.Connect();
        var batch = Adding([.. Enumerable.Range(1, 4).Select(id => Person(id, null, new Field("totalChildren", FieldValue.Of(id == 3 ? "many" : "2"))))]);
        var receipt = await EndAsync(connector, batch, await StartedAsync(connector, batch));
        Assert.That(receipt.Told(), Is.EqualTo(new[] { "1 Delivered", "2 RetryLater import_row_failed", "3 RetryLater import_row_warning", "4 Delivered" }));
    }

    [Test]
    public async Task Should_leave_what_cannot_stand_in_the_file_to_single_calls()
    {
        var connector = _marketo.Connect();
        var batch = Adding(
            Person(1), Person(4), Person(2, null, new Field("lastName", FieldValue.Of("Lee"))), Person(3, null, new Field("firstName", FieldValue.Null)));
        var start = await connector.StartBulkAsync(batch, default);
        Assert.That(start.Receipt!.Told(), Is.EqualTo(new[] { "2 NotSent not_in_import_file", "3 NotSent not_in_import_file" }));
        Assert.That(start.Receipt!.Condition, Is.Null, "Nobody else waits for them.");
        var receipt = await EndAsync(connector, batch with { Items = [batch.Items[0], batch.Items[1]] }, start.Job!);
        Assert.That(receipt.Told(), Is.EqualTo(new[] { "1 Delivered", "4 Delivered" }));
        Assert.That(_marketo.Room.Stats.Of("bulk/v1/leads.json").Records, Is.EqualTo(2));
    }

    [Test]
    public async Task Should_start_none_for_few_rows_of_many()
    {
        var start = await _marketo.Connect().StartBulkAsync(
            Adding(Person(1), Person(2, null, new Field("firstName", FieldValue.Null)), Person(3, null, new Field("firstName", FieldValue.Null))), default);
        Assert.That((start.Job, start.Receipt!.Outcomes.Count), Is.EqualTo(((string?)null, 3)));
        Assert.That(start.Receipt!.Outcomes.Select(one => one.Outcome), Is.All.EqualTo(Outcome.NotSent));
    }

    [Test]
    public async Task Should_put_one_of_two_people_into_the_file_whose_keys_differ_in_case_alone()
    {
        var batch = Adding(Person(1), Person(2), Person(3) with { Key = "PERSON1@example.test" });
        var start = await _marketo.Connect().StartBulkAsync(batch, default);
        Assert.That(start.Receipt!.Told(), Is.EqualTo(new[] { "3 Rejected key_collision" }));
        Assert.That(_marketo.Room.Stats.Of("bulk/v1/leads.json").Records, Is.EqualTo(2));
    }

    [Test]
    public async Task Should_find_refused_rows_however_the_vendor_spells_their_keys()
    {
        using var marketo = new ScriptedMarketo().Answer(Started)
            .Rows("""{"batchId":3404,"status":"Complete","numOfLeadsProcessed":1,"numOfRowsFailed":1}""").Answer("hubExternalId,firstName,Import Failure Reason\nc-kx7q,x,y\n");
        var connector = marketo.Connect("hubExternalId");
        var batch = Adding(Person(1) with { Key = "C-KX7Q" }, Person(2) with { Key = "C-AA11" });
        var start = await connector.StartBulkAsync(batch, default);
        Assert.That((await connector.FollowBulkAsync(start.Job!, batch, default))!.Told(), Is.EqualTo(new[] { "1 RetryLater import_row_failed", "2 Delivered" }));
        Assert.That(marketo.Sent[1], Does.Contain("\nC-KX7Q,"), "Sent as the company spells it.");
    }

    [Test]
    public async Task Should_keep_the_file_below_the_vendors_limit()
    {
        var text = FieldValue.Of(new string('"', 250));
        var batch = Adding([.. Enumerable.Range(1, 20_300).Select(id => Person(id, null, new Field("firstName", text)))]) with { Operation = Operation.UpsertProfile };
        var connector = _marketo.Connect();
        var start = await connector.StartBulkAsync(batch, default);
        Assert.That(_marketo.Room.Stats.Of("bulk/v1/leads.json").MaxBytes, Is.InRange(9_000_000, 10_000_000));
        Assert.That(start.Receipt!.Outcomes.Select(one => one.Outcome), Is.All.EqualTo(Outcome.NotSent), "The rest is left to single calls.");
        var left = start.Receipt.Outcomes.Select(one => one.RecordId).ToHashSet();
        var receipt = await EndAsync(connector, batch with { Items = [.. batch.Items.Where(item => !left.Contains(item.RecordId))] }, start.Job!);
        Assert.That(receipt.Outcomes.Select(one => one.Outcome), Is.All.EqualTo(Outcome.Delivered));
        Assert.That(_marketo.Marketo.People().Count(), Is.EqualTo(20_300 - left.Count));
    }

    [Test]
    public async Task Should_create_nobody_by_an_import_that_may_only_update()
    {
        await _marketo.UpsertAsync("""{"email":"person1@example.test"}""");
        var connector = _marketo.Connect();
        var batch = Adding(Person(1, "1"), Person(2, "99")) with { UpdateOnly = true };
        var receipt = await EndAsync(connector, batch, await StartedAsync(connector, batch));
        Assert.That(receipt.Told(), Is.EqualTo(new[] { "1 Delivered", "2 RetryLater import_row_failed #99" }));
        Assert.That(_marketo.Marketo.People().Single().Fields["firstName"], Is.EqualTo("\"Person 1\""));

        var strangers = await connector.StartBulkAsync(batch with { Items = [Person(3)] }, default);
        Assert.That(strangers.Receipt!.Told(), Is.EqualTo(new[] { "3 NotSent not_in_import_file" }));
    }

    [TestCase("1016")]
    [TestCase("1019")]
    public async Task Should_wait_without_an_attempt_while_the_vendor_is_busy(string code)
    {
        var connector = _marketo.Connect();
        for (var i = 0; i < (code == "1019" ? 1 : 10); i++)
        {
            await StartedAsync(connector, (code == "1019" ? Adding(Person(i)) : Adding(Person(i)) with { Operation = Operation.UpsertProfile }));
        }

        var start = await connector.StartBulkAsync(Adding(Person(20)), default);
        Assert.That(start.Receipt!.Told(), Is.EqualTo(new[] { $"20 NotSent marketo_{code}" }));
        Assert.That(start.Receipt!.Condition, Is.EqualTo(
            new DestinationCondition(DestinationTrouble.Throttled, $"marketo_{code}", TimeSpan.FromMinutes(1)) { ConcernsThisWorkOnly = true }), "Opt-outs and memberships go on.");
    }

    [Test]
    public async Task Should_be_the_same_when_it_is_started_twice()
    {
        var connector = _marketo.Connect();
        var batch = Adding(Person(1), Person(2)) with { Operation = Operation.UpsertProfile };
        _marketo.Room.Faults.Add(new Fault { Kind = FaultKind.LostResponse, Endpoint = "bulk/v1/leads.json", Calls = 1 });
        var lost = await connector.StartBulkAsync(batch, default);
        Assert.That(lost.Receipt!.Told(), Is.EqualTo(new[] { "1 NotSent connection_failed", "2 NotSent connection_failed" }));
        var receipt = await EndAsync(connector, batch, await StartedAsync(connector, batch));
        Assert.That(receipt.Told(), Is.EqualTo(new[] { "1 Delivered", "2 Delivered" }));
        Assert.That((_marketo.Marketo.People().Count(), _marketo.Marketo.Duplicates), Is.EqualTo((2, 0)));
    }

    [Test]
    public async Task Should_retry_all_rows_of_a_job_that_is_gone()
    {
        var connector = _marketo.Connect();
        var batch = Adding(Person(1));
        var job = await StartedAsync(connector, batch);
        _marketo.Marketo.ForgetImports();
        Assert.That((await connector.FollowBulkAsync(job, batch, default))!.Told(), Is.EqualTo(new[] { "1 RetryLater import_gone" }));
    }

    [TestCase("""{"batchId":3404,"status":"Failed","message":"about person1@example.test"}""")]
    [TestCase("""{"batchId":3404,"status":"Complete","numOfLeadsProcessed":1,"numOfRowsFailed":0}""")]
    public async Task Should_retry_all_rows_of_a_job_that_failed_or_does_not_account_for_them(string status)
    {
        using var marketo = new ScriptedMarketo().Answer(Started).Rows(status);
        var connector = marketo.Connect();
        var batch = Adding(Person(1), Person(2));
        var start = await connector.StartBulkAsync(batch, default);
        Assert.That((await connector.FollowBulkAsync(start.Job!, batch, default))!.Told(), Is.EqualTo(new[] { "1 RetryLater import_failed", "2 RetryLater import_failed" }));
    }

    [TestCase("{\"success\":false,\"errors\":[{\"code\":\"1013\"}]}")]
    [TestCase("email,firstName,reason\nsomebody@example.test,x,y\n")]
    [TestCase("email,firstName,reason\n")]
    public async Task Should_retry_all_rows_when_the_file_of_failures_names_others(string file)
    {
        using var marketo = new ScriptedMarketo().Answer(Started)
            .Rows("""{"batchId":3404,"status":"Complete","numOfLeadsProcessed":1,"numOfRowsFailed":1}""").Answer(file);
        var connector = marketo.Connect();
        var batch = Adding(Person(1), Person(2));
        var start = await connector.StartBulkAsync(batch, default);
        Assert.That((await connector.FollowBulkAsync(start.Job!, batch, default))!.Told(), Is.EqualTo(new[] { "1 RetryLater import_failed", "2 RetryLater import_failed" }));
    }

    [TestCase("""{"success":false,"errors":[{"code":"606"}]}""", 200, DestinationTrouble.Throttled)]
    [TestCase("<html>", 502, DestinationTrouble.Unavailable)]
    [TestCase("{", 200, DestinationTrouble.Unavailable)]
    public async Task Should_ask_again_when_the_destination_is_in_trouble(string body, int status, DestinationTrouble trouble)
    {
        foreach (var isFile in new[] { false, true })
        {
            using var marketo = new ScriptedMarketo().Answer(Started);
            if (isFile)
            {
                marketo.Rows("""{"batchId":3404,"status":"Complete","numOfLeadsProcessed":0,"numOfRowsFailed":1}""");
            }

            marketo.Answer(body, (HttpStatusCode)status);
            var connector = marketo.Connect();
            var batch = Adding(Person(1));
            var start = await connector.StartBulkAsync(batch, default);
            var thrown = await Assert.ThrowsAsync<DestinationException>(async () => await connector.FollowBulkAsync(start.Job!, batch, default));
            Assert.That((thrown!.Condition.Trouble, thrown.Condition.ConcernsThisWorkOnly), Is.EqualTo((trouble, body == "{")), "An answer that nobody can read is that of this job alone.");
        }
    }

    [TestCase(Operation.RemoveMember)]
    [TestCase(Operation.SetConsent)]
    public void Should_import_nothing_that_an_import_cannot_do(Operation operation)
    {
        using var marketo = new ScriptedMarketo();
        Assert.That(async () => await marketo.Connect().StartBulkAsync(Adding(Person(1)) with { Operation = operation }, default), Throws.ArgumentException);
        Assert.That(async () => await marketo.Connect().StartBulkAsync(Adding(Person(1)) with { Audience = null }, default), Throws.ArgumentException);
    }

    [Test]
    public void Should_say_what_a_job_may_hold()
    {
        using var marketo = new ScriptedMarketo();
        var limits = marketo.Connect().BulkOperations;
        Assert.That(limits.Keys, Is.EquivalentTo(new[] { Operation.UpsertProfile, Operation.AddMember }));
        Assert.That(limits.Values, Has.All.Matches<BulkLimits>(one => one is { MinRecords: 45_000, MaxBytes: < 10_000_000 } && one.PollInterval.TotalSeconds is >= 5 and <= 30));
        Assert.That((limits[Operation.AddMember].CallsPace, limits[Operation.UpsertProfile].CallsPace), Is.EqualTo((750d, 1500d)), "100 calls in 20 s for 300 records, two of them for members");
        Assert.That(marketo.Connect("email", ("import_from", "3000")).BulkOperations.Values.Select(one => one.CallsPace), Is.All.Zero, "chosen to save calls of the day");
        Assert.That(marketo.Connect("email", ("import_from", "0")).BulkOperations, Is.Empty);
    }

    /// <summary>In the minute that an import takes at best, single calls bring as many: 100 calls in 20 s, two for 300 members.</summary>
    [Test]
    public void Should_be_worth_it_from_what_single_calls_bring_meanwhile() => Assert.That(MarketoImports.WorthwhileFrom, Is.EqualTo(3 * 100 / 2 * 300));

    private Batch Adding(params BatchItem[] items) => Of(Operation.AddMember, items) with { Audience = _list };

    private static async Task<string> StartedAsync(IBulkDelivery connector, Batch batch)
    {
        var start = await connector.StartBulkAsync(batch, default);
        Assert.That(start.Receipt?.Told(), Is.Null);
        return start.Job!;
    }

    private async Task<Receipt> EndAsync(IBulkDelivery connector, Batch batch, string job)
    {
        _time.Advance(TimeSpan.FromMinutes(1));
        return (await connector.FollowBulkAsync(job, batch, default))!;
    }
}
