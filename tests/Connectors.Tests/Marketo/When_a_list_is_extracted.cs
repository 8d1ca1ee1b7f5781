using System.Net;
using System.Net.Http.Headers;
using System.Text;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Marketo;
using IntegrationHub.Connectors.Sandbox;
using Microsoft.Extensions.Time.Testing;

namespace Connectors.Tests.Marketo;

/// <summary>
/// Members from a file, with the answers as Marketo's pages show them (https://experienceleague.adobe.com/en/docs/marketo-developer/marketo/rest/bulk-extract/bulk-lead-extract and
/// https://experienceleague.adobe.com/en/docs/marketo-developer/marketo/rest/bulk-extract/bulk-extract), and by the sandbox over HTTP.
/// </summary>
public sealed class When_a_list_is_extracted
{
    private const string Job = "ce45a7a1-f19d-4ce2-882c-a3c795940a7d";

    /// <summary>Page "Bulk Lead Extract", "Creating a Job".</summary>
    private const string Created = $$"""
        {"requestId":"e42b#14272d07d78","success":true,"result":[{"exportId":"{{Job}}","status":"Created","createdAt":"2017-01-21T11:47:30-08:00","queuedAt":"2017-01-21T11:48:30-08:00","format":"CSV"}]}
        """;

    /// <summary>Page "Bulk Lead Extract", the answer to Enqueue Export Lead Job.</summary>
    private const string Queued = $$"""
        {"requestId":"147e4#16b24d9b913","result":[{"exportId":"{{Job}}","format":"CSV","status":"Queued","createdAt":"2019-06-04T23:35:43Z","queuedAt":"2019-06-04T23:36:17Z"}],"success":true}
        """;

    /// <summary>Page "Bulk Lead Extract", "Polling Job Status".</summary>
    private const string Processing = $$"""
        {"requestId":"e42b#14272d07d78","success":true,"result":[{"exportId":"{{Job}}","status":"Processing","createdAt":"2017-01-21T11:47:30-08:00","queuedAt":"2017-01-21T11:48:30-08:00","format":"CSV"}]}
        """;

    private const string File = "id,email,city\n1,A@b.test,\"Rome, \"\"Lazio\"\"\"\n2,null,null\n3,c@b.test,null\n";

    private static readonly AudienceTarget List = new("customers", "1001");

    /// <summary>Page "Bulk Extract", "Polling Job Status"; the numbers are those of the file.</summary>
    private static string Completed(string file = File, int records = 3, string? checksum = null) => $$"""
        {"requestId":"e42b#14272d07d78","success":true,"result":[{"exportId":"{{Job}}","status":"Completed","createdAt":"2017-01-21T11:47:30-08:00","queuedAt":"2017-01-21T11:48:30-08:00",
         "startedAt":"2017-01-21T11:51:30-08:00","finishedAt":"2017-01-21T12:59:30-08:00","format":"CSV","numberOfRecords":{{records}},"fileSize":{{Encoding.UTF8.GetByteCount(file)}},
         "fileChecksum":"{{checksum ?? "sha256:" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(file)))}}"}]}
        """;

    [Test]
    public async Task Should_ask_wait_and_read_as_the_pages_say()
    {
        using var marketo = new ScriptedMarketo().Answer(Created).Answer(Queued).Answer(Processing).Answer(Completed()).Answer(Part(File));
        var (members, profiles, waits) = await ReadAsync(marketo.Connect(), "city");

        Assert.That(members, Is.EqualTo(new[] { new RemoteMember("1", "a@b.test"), new RemoteMember("2", null), new RemoteMember("3", "c@b.test") }));
        Assert.That(profiles.Select(profile => (profile.Key, profile.RemoteId, string.Join(' ', profile.Fields))), Is.EqualTo(new[]
        {
            ("a@b.test", "1", """[city, "Rome, \u0022Lazio\u0022"]"""), ("c@b.test", "3", ""),
        }), "whoever has no key is nobody who could be compared");
        Assert.That(waits, Is.EqualTo(new[] { TimeSpan.FromMinutes(2) }), "the page finds a look every few minutes enough");
        Assert.That(marketo.Sent[1], Does.Contain("POST").And.Contain("/bulk/v1/leads/export/create.json").And.Contain("""{"fields":["id","email","city"],"format":"CSV","filter":{"staticListId":1001}}"""));
        Assert.That(marketo.Sent[2], Does.Contain($"POST").And.Contain($"/bulk/v1/leads/export/{Job}/enqueue.json"));
        Assert.That(marketo.Sent[3], Does.Contain($"GET").And.Contain($"/bulk/v1/leads/export/{Job}/status.json"));
        Assert.That(marketo.Sent[5], Does.Contain($"GET").And.Contain($"/bulk/v1/leads/export/{Job}/file.json").And.Contain($"bytes=0-{Encoding.UTF8.GetByteCount(File) - 1}"));
    }

    /// <summary>Page "Bulk Extract", "Queue" and "File Size": one code for a full queue and a day that is used up; another process may have queued the job already.</summary>
    [TestCase("Created", 15)]
    [TestCase("Queued", null)]
    public async Task Should_wait_for_room_in_the_queue(string status, int? minutes)
    {
        using var marketo = new ScriptedMarketo().Answer(Created).Fail("1029").Answer(Processing.Replace("Processing", status, StringComparison.Ordinal));
        var connector = marketo.Connect();
        var made = await connector.ReadExtractAsync(List, [], null, default);
        var queued = await connector.ReadExtractAsync(List, [], made.Next, default);
        Assert.That((queued.Wait, queued.Next == made.Next), Is.EqualTo((minutes is { } some ? TimeSpan.FromMinutes(some) : (TimeSpan?)null, minutes is not null)));
    }

    [Test]
    public async Task Should_wait_for_the_next_day_when_the_days_megabytes_are_used_up()
    {
        using var marketo = new ScriptedMarketo().Fail("1029").Answer(Created);
        var connector = marketo.Connect();
        var refused = await connector.ReadExtractAsync(List, ["city"], null, default);
        Assert.That((refused.Next is null, refused.Wait), Is.EqualTo((false, TimeSpan.FromHours(18))), "not to be done: to wait, at noon UTC until midnight in Chicago");
        await connector.ReadExtractAsync(List, [], refused.Next, default);
        Assert.That(marketo.Sent[^1], Does.Contain("\"city\""), "what it was to hold is kept");
    }

    [TestCase("603", "marketo_603")]
    [TestCase("1035", "marketo_1035")]
    public async Task Should_say_why_there_is_no_file(string code, string reason)
    {
        using var marketo = new ScriptedMarketo().Fail(code);
        var trouble = await ConditionAsync(marketo.Connect(), null);
        Assert.That((trouble.Trouble, trouble.Code), Is.EqualTo((DestinationTrouble.Misconfigured, reason)));
    }

    [Test]
    public async Task Should_say_that_the_list_is_gone()
    {
        using var marketo = new ScriptedMarketo().Fail("1013");
        Assert.That((await ConditionAsync(marketo.Connect(), null)).Code, Is.EqualTo(ReasonCode.AudienceGone));
    }

    [TestCase("Failed")]
    [TestCase("Canceled")]
    public async Task Should_say_that_no_file_was_written(string status)
    {
        using var marketo = new ScriptedMarketo().Answer(Created).Answer(Queued).Answer(Processing.Replace("Processing", status, StringComparison.Ordinal));
        Assert.That(await EndAsync(marketo.Connect()), Is.EqualTo("extract_failed"));
    }

    /// <summary>Page "Bulk Extract", "Retrieving Your Data": a job that is not known answers 404 and text.</summary>
    [Test]
    public async Task Should_say_that_the_file_is_kept_no_more()
    {
        using var marketo = new ScriptedMarketo().Answer(Created).Answer(Queued).Answer(Completed()).Answer("Not found", HttpStatusCode.NotFound);
        Assert.That(await EndAsync(marketo.Connect()), Is.EqualTo("extract_failed"));
    }

    private static readonly object?[] Untrue =
    [
        new object?[] { File, 3, "sha256:83aca1351c9398d2770330e21a9e278880fd2f1eeaf8c8238bf7676d5c21d1c6" },
        new object?[] { File, 4, null },
        new object?[] { File.Replace("id,email", "email,id", StringComparison.Ordinal), 3, null },
        new object?[] { File.Replace("id,email,city", "id,email", StringComparison.Ordinal), 3, null },
        new object?[] { File.Replace("id,email,city", "id,email,state", StringComparison.Ordinal), 3, null },
        new object?[] { File.Replace("\n3,", "\nx,", StringComparison.Ordinal), 3, null },
        new object?[] { File.Replace(",null\n", "\n", StringComparison.Ordinal), 3, null },
        new object?[] { File.Replace("3,c@b.test,null", "3,c@b.test,null,null", StringComparison.Ordinal), 3, null },
        new object?[] { "id,email,city\n", 3, null },
    ];

    [TestCaseSource(nameof(Untrue))]
    public async Task Should_believe_no_file_that_is_not_as_the_vendor_said(string file, int records, string? checksum)
    {
        using var marketo = new ScriptedMarketo().Answer(Created).Answer(Queued).Answer(Completed(file, records, checksum)).Answer(Part(file));
        Assert.That(await EndAsync(marketo.Connect()), Is.EqualTo("extract_unreadable"));
    }

    /// <summary>The page shows both numbers of a completed job: one that is missing is not none, or everybody were gone from the list.</summary>
    [TestCase("numberOfRecords")]
    [TestCase("fileSize")]
    public async Task Should_believe_no_job_that_does_not_say_how_much_there_is(string number)
    {
        using var marketo = new ScriptedMarketo().Answer(Created).Answer(Queued).Answer(Completed().Replace(number, "another", StringComparison.Ordinal));
        Assert.That(await EndAsync(marketo.Connect()), Is.EqualTo("extract_unreadable"));
    }

    [TestCase("id,email,city\n")]
    [TestCase("")]
    public async Task Should_find_nobody_in_a_list_that_is_empty(string file)
    {
        using var marketo = new ScriptedMarketo().Answer(Created).Answer(Queued).Answer(Completed(file, records: 0)).Answer(Part(file));
        Assert.That((await ReadAsync(marketo.Connect(), "city")).Members, Is.Empty);
    }

    /// <summary>A file that is shorter than was told: https://datatracker.ietf.org/doc/html/rfc7233#section-4.4, to which the page refers.</summary>
    [Test]
    public async Task Should_believe_no_file_that_ends_before_the_part_that_is_asked_for()
    {
        using var marketo = new ScriptedMarketo().Answer(Created).Answer(Queued).Answer(Completed()).Answer("", HttpStatusCode.RequestedRangeNotSatisfiable);
        Assert.That(await EndAsync(marketo.Connect()), Is.EqualTo("extract_unreadable"));
    }

    /// <summary>What was read was not written down, so the part is read again: its checksum must not count it twice.</summary>
    [Test]
    public async Task Should_read_a_part_again_and_believe_the_file_nevertheless()
    {
        var file = "id,email,city\n" + string.Concat(Enumerable.Range(1, 20_000).Select(number => $"{number},p{number}@b.test,{new string('x', 60)}\n"));
        const int Length = 1 << 20;
        var first = file[..(file.LastIndexOf('\n', Length - 1) + 1)];
        using var marketo = new ScriptedMarketo().Answer(Created).Answer(Queued).Answer(Completed(file, 20_000)).Answer(Part(file[..Length])).Answer(Part(file[..Length])).Answer(Part(file[first.Length..]));
        var connector = marketo.Connect();
        var cursor = (string?)null;
        foreach (var step in new[] { "ask", "queue", "look" })
        {
            cursor = (await connector.ReadExtractAsync(List, ["city"], cursor, default)).Next ?? throw new InvalidOperationException(step);
        }

        await connector.ReadExtractAsync(List, [], cursor, default);
        var again = await connector.ReadExtractAsync(List, [], cursor, default);
        var rest = await connector.ReadExtractAsync(List, [], again.Next, default);
        Assert.That((again.Members.Count + rest.Members.Count, rest.Next), Is.EqualTo((20_000, (string?)null)));
        Assert.That(marketo.Sent[^1], Does.Contain($"bytes={first.Length}-{file.Length - 1}"), "from the first row that was not whole");
    }

    [Test]
    public async Task Should_believe_no_part_that_was_cut()
    {
        using var marketo = new ScriptedMarketo().Answer(Created).Answer(Queued).Answer(Completed()).Answer(Part(File[..^9]));
        Assert.That(await EndAsync(marketo.Connect()), Is.EqualTo("extract_unreadable"));
    }

    [Test]
    public async Task Should_leave_a_trouble_of_the_moment_to_the_next_try()
    {
        using var marketo = new ScriptedMarketo().Answer(Created).Answer(Queued).Answer(Completed()).Fail("606").Answer(Part(File));
        var connector = marketo.Connect();
        var cursor = (await connector.ReadExtractAsync(List, ["city"], null, default)).Next;
        cursor = (await connector.ReadExtractAsync(List, [], cursor, default)).Next;
        cursor = (await connector.ReadExtractAsync(List, [], cursor, default)).Next;
        Assert.That((await ConditionAsync(connector, cursor)).Trouble, Is.EqualTo(DestinationTrouble.Throttled));
        Assert.That((await connector.ReadExtractAsync(List, [], cursor, default)).Members, Has.Count.EqualTo(3), "from where it stopped");
    }

    /// <summary>20,000 people and more than one part, over HTTP: each is told once, whatever process reads the next part.</summary>
    [Test]
    public async Task Should_read_a_large_list_of_the_sandbox_in_a_handful_of_calls([Values] bool byAnother)
    {
        const int People = 20_000;
        var time = Clock.AtNoon();
        await using var marketo = await SandboxClient.StartAsync(new SandboxOptions { Quotas = false, Time = time, ApplyDelay = TimeSpan.FromMinutes(1) });
        var list = await marketo.CreateListAsync();
        var town = new string('x', 60);
        foreach (var part in Enumerable.Range(1, People).Chunk(300))
        {
            await marketo.UpsertAsync(string.Join(',', part.Select(number => $$"""{"email":"p{{number}}@b.test","city":"{{town}}, \"{{number}}\"\nline"}""")));
            await marketo.CallAsync("POST", $"/rest/v1/lists/{list}/leads.json", $$"""{"input":[{{string.Join(',', part.Select(number => $$"""{"id":{{number}}}"""))}}]}""");
        }

        var (connector, target, gate) = (marketo.Connect(), new AudienceTarget("customers", $"{list}"), 0);
        var (members, profiles, cursor) = (new List<RemoteMember>(), new List<RemoteProfile>(), (string?)null);
        do
        {
            var page = await (byAnother ? marketo.Connect() : connector).ReadExtractAsync(target, cursor is null ? ["city"] : [], cursor, default);
            members.AddRange(page.Members);
            profiles.AddRange(page.Profiles);
            cursor = page.Next;
            gate++;
            if (page.Wait is { } wait)
            {
                time.Advance(wait);
            }
        }
        while (cursor is not null);

        Assert.That(members.Select(member => member.RemoteId).Distinct().Count(), Is.EqualTo(People));
        Assert.That((members.Count, profiles.Count, profiles[^1].Fields["city"]), Is.EqualTo((People, People, $"\"{town}, \\u0022{People}\\u0022\\nline\"")));
        Assert.That(gate, Is.InRange(6, 8), "ask, queue, look twice, and a part for each MB");
    }

    private static Func<Task<HttpResponseMessage>> Part(string text) => () =>
    {
        var answer = new HttpResponseMessage(HttpStatusCode.PartialContent) { Content = new StringContent(text, Encoding.UTF8, "text/csv") };
        answer.Content.Headers.ContentRange = new ContentRangeHeaderValue(0, Math.Max(0, text.Length - 1), text.Length);
        return Task.FromResult(answer);
    };

    private static async Task<(List<RemoteMember> Members, List<RemoteProfile> Profiles, List<TimeSpan> Waits)> ReadAsync(MarketoConnector connector, params string[] fields)
    {
        var read = (Members: new List<RemoteMember>(), Profiles: new List<RemoteProfile>(), Waits: new List<TimeSpan>());
        string? cursor = null;
        do
        {
            var page = await connector.ReadExtractAsync(List, fields, cursor, default);
            read.Members.AddRange(page.Members);
            read.Profiles.AddRange(page.Profiles);
            read.Waits.AddRange(page.Wait is { } wait ? [wait] : []);
            cursor = page.Next;
        }
        while (cursor is not null);
        return read;
    }

    private static async Task<string> EndAsync(MarketoConnector connector)
    {
        var trouble = await Assert.ThrowsAsync<DestinationException>(async () => await ReadAsync(connector, "city"));
        Assert.That((trouble!.Condition.Trouble, trouble.Condition.ConcernsThisWorkOnly), Is.EqualTo((DestinationTrouble.Misconfigured, true)), "members are then read otherwise, and all else goes on");
        return trouble.Condition.Code;
    }

    private static async Task<DestinationCondition> ConditionAsync(MarketoConnector connector, string? cursor) =>
        (await Assert.ThrowsAsync<DestinationException>(async () => await connector.ReadExtractAsync(List, [], cursor, default)))!.Condition;
}
