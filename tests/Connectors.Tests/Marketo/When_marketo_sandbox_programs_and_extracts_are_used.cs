using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using IntegrationHub.Connectors.Sandbox;
using Microsoft.Extensions.Time.Testing;

namespace Connectors.Tests.Marketo;

/// <summary>What the hub does not use by default and a hub that grows may.</summary>
public sealed class When_marketo_sandbox_programs_and_extracts_are_used
{
    private const string Export = "/bulk/v1/leads/export";
    private static readonly TimeSpan Work = TimeSpan.FromMinutes(1);

    private FakeTimeProvider _time = null!;
    private SandboxClient _marketo = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _time = Clock.AtNoon();
        _marketo = await SandboxClient.StartAsync(new SandboxOptions { Quotas = false, Time = _time, ApplyDelay = Work });
        await _marketo.UpsertAsync("""{"email":"a@b.test","city":"Rome, \"Lazio\""},{"email":"b@b.test"}""");
    }

    [TearDown]
    public async Task StopAsync() => await _marketo.DisposeAsync();

    [Test]
    public async Task Should_move_program_members_forward_only()
    {
        Assert.That(await StatusAsync("Engaged", 1, 9), Is.EqualTo("created 1004"));
        Assert.That(await StatusAsync("Success", 1), Is.EqualTo("updated"));
        Assert.That(await StatusAsync("Engaged", 1, 2), Is.EqualTo("1037 created"));
        Assert.That(await _marketo.CodeAsync("POST", "/rest/v1/programs/1034/members/status.json", """{"statusName":"Bored","input":[{"leadId":1}]}"""), Is.EqualTo("1025"));
        Assert.That(await _marketo.CodeAsync("POST", "/rest/v1/programs/5/members/status.json", """{"statusName":"Engaged","input":[{"leadId":1}]}"""), Is.EqualTo("1013"));
        Assert.That(await RowsAsync("/rest/v1/programs/1034/members/delete.json", """{"input":[{"leadId":1},{"leadId":1}]}"""), Is.EqualTo("deleted 1013"));
        Assert.That(await RowsAsync("/rest/v1/programs/1034/members.json", """{"input":[{"leadId":1},{"leadId":2}]}"""), Is.EqualTo("1013 updated"));
        var members = (await _marketo.CallAsync("GET", "/rest/v1/programs/1034/members.json?filterType=leadId&filterValues=1,2")).GetProperty("result");
        Assert.That(members.GetRawText(), Is.EqualTo("""[{"leadId":2,"statusName":"Engaged"}]"""));
    }

    [Test]
    public async Task Should_extract_a_list_to_a_file()
    {
        var list = await _marketo.CreateListAsync();
        await _marketo.CallAsync("POST", $"/rest/v1/lists/{list}/leads.json?id=1");
        var job = await CreateAsync($$"""{"staticListId":{{list}}}""");
        Assert.That(await StateAsync("POST", job, "enqueue"), Is.EqualTo("Queued"));
        Assert.That(await StateAsync("GET", job, "status"), Is.EqualTo("Processing"));
        Assert.That(await _marketo.TextAsync($"{Export}/{job}/file.json"), Is.EqualTo("404 Not found"));
        Assert.That(await _marketo.TextAsync($"{Export}/nothing/status.json"), Is.EqualTo("404 Not found"));
        _time.Advance(Work);

        var status = (await _marketo.CallAsync("GET", $"{Export}/{job}/status.json")).GetProperty("result")[0];
        const string File = "email,city,lastName\na@b.test,\"Rome, \"\"Lazio\"\"\",null\n";
        Assert.That(await _marketo.TextAsync($"{Export}/{job}/file.json"), Is.EqualTo($"200 {File}"));
        Assert.That((status.GetProperty("status").GetString(), status.GetProperty("numberOfRecords").GetInt32()), Is.EqualTo(("Completed", 1)));
        Assert.That(status.GetProperty("fileChecksum").GetString(), Is.EqualTo($"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(File)))}"));
    }

    [Test]
    public async Task Should_extract_who_is_a_member_when_the_job_begins()
    {
        var list = await _marketo.CreateListAsync();
        await _marketo.CallAsync("POST", $"/rest/v1/lists/{list}/leads.json?id=1");
        var job = await CreateAsync($$"""{"staticListId":{{list}}}""", "\"id\"");
        await StateAsync("POST", job, "enqueue");
        await _marketo.CallAsync("POST", $"/rest/v1/lists/{list}/leads.json?id=2");
        _time.Advance(Work);
        Assert.That(await _marketo.TextAsync($"{Export}/{job}/file.json"), Is.EqualTo("200 id\n1\n"));
    }

    [Test]
    public async Task Should_keep_a_file_for_seven_days()
    {
        var job = await CreateAsync("""{"createdAt":{"startAt":"2026-11-20T00:00:00Z","endAt":"2026-11-22T00:00:00Z"}}""");
        await StateAsync("POST", job, "enqueue");
        _time.Advance(Work);
        Assert.That(await _marketo.TextAsync($"{Export}/{job}/file.json"), Does.StartWith("200 "));
        _time.Advance(TimeSpan.FromDays(8));
        await _marketo.AuthorizeAsync();
        Assert.That(await _marketo.TextAsync($"{Export}/{job}/file.json"), Is.EqualTo("404 Not found"));
        var told = (await _marketo.CallAsync("GET", $"{Export}/{job}/status.json")).GetProperty("result")[0];
        Assert.That((told.GetProperty("status").GetString(), told.GetProperty("createdAt").GetString(), told.GetProperty("finishedAt").GetString()), Is.EqualTo(("Completed", "2026-11-21T12:00:00Z", "2026-11-21T12:01:00Z")));
    }

    [Test]
    public async Task Should_give_parts_of_a_file()
    {
        var job = await CreateAsync("""{"createdAt":{"startAt":"2026-11-20T00:00:00Z","endAt":"2026-11-22T00:00:00Z"}}""");
        await StateAsync("POST", job, "enqueue");
        _time.Advance(Work);
        using var answer = await _marketo.SendAsync("GET", $"{Export}/{job}/file.json", range: (6, 9));
        Assert.That(((int)answer.StatusCode, await answer.Content.ReadAsStringAsync()), Is.EqualTo((206, "city")));
        Assert.That(answer.Content.Headers.ContentRange?.From, Is.EqualTo(6));
        using var beyond = await _marketo.SendAsync("GET", $"{Export}/{job}/file.json", range: (1_000, 1_009));
        Assert.That((int)beyond.StatusCode, Is.EqualTo(416));
    }

    [Test]
    public async Task Should_refuse_more_extracts_than_the_queue_and_the_day_take()
    {
        var jobs = new List<string>();
        for (var i = 0; i < 11; i++)
        {
            jobs.Add(await CreateAsync("""{"createdAt":{"startAt":"2026-11-20T00:00:00Z","endAt":"2026-11-22T00:00:00Z"}}"""));
        }

        foreach (var job in jobs.Take(10))
        {
            Assert.That(await StateAsync("POST", job, "enqueue"), Is.EqualTo("Queued"));
        }

        Assert.That(await _marketo.CodeAsync("POST", $"{Export}/{jobs[0]}/enqueue.json"), Is.EqualTo("1029"));
        Assert.That(await _marketo.CodeAsync("POST", $"{Export}/{jobs[10]}/enqueue.json"), Is.EqualTo("1029"));
        _time.Advance(Work);
        _marketo.Marketo.SpendExtractBytes(500_000_000);
        Assert.That(await _marketo.CodeAsync("POST", $"{Export}/{jobs[10]}/enqueue.json"), Is.EqualTo("1029"));
        _time.Advance(TimeSpan.FromDays(1));
        await _marketo.AuthorizeAsync();
        Assert.That(await _marketo.CodeAsync("POST", $"{Export}/{jobs[10]}/enqueue.json"), Is.EqualTo("ok"));
    }

    [Test]
    public async Task Should_refuse_a_wrong_extract_and_cancel_one()
    {
        var day = """{"createdAt":{"startAt":"2026-11-20T00:00:00Z","endAt":"2026-11-22T00:00:00Z"}}""";
        Assert.That(await CreateAsync("""{"smartListId":1}"""), Is.EqualTo("1035"));
        Assert.That(await CreateAsync("""{"staticListId":77}"""), Is.EqualTo("1013"));
        Assert.That(await CreateAsync("""{"createdAt":{"startAt":"2026-10-01T00:00:00Z","endAt":"2026-11-22T00:00:00Z"}}"""), Is.EqualTo("1003"));
        Assert.That(await CreateAsync("{}"), Is.EqualTo("1003"));
        Assert.That(await CreateAsync(day, "\"shoeSize\""), Is.EqualTo("1006"));
        var job = await CreateAsync(day);
        Assert.That((await StateAsync("POST", job, "cancel"), await StateAsync("GET", job, "status")), Is.EqualTo(("Cancelled", "Canceled")));
    }

    private async Task<string> CreateAsync(string filter, string fields = "\"email\",\"city\",\"lastName\"")
    {
        var answer = await _marketo.CallAsync("POST", $"{Export}/create.json", $$"""{"fields":[{{fields}}],"format":"CSV","filter":{{filter}}}""");
        return SandboxClient.Code(answer) is "ok" ? answer.GetProperty("result")[0].GetProperty("exportId").GetString()! : SandboxClient.Code(answer);
    }

    private async Task<string> StateAsync(string method, string job, string verb) =>
        (await _marketo.CallAsync(method, $"{Export}/{job}/{verb}.json")).GetProperty("result")[0].GetProperty("status").GetString()!;

    private Task<string> StatusAsync(string status, params int[] leads) => RowsAsync(
        "/rest/v1/programs/1034/members/status.json",
        JsonSerializer.Serialize(new { statusName = status, input = leads.Select(id => new { leadId = id }) }));

    private async Task<string> RowsAsync(string path, string body) => string.Join(' ', (await _marketo.CallAsync("POST", path, body)).GetProperty("result").EnumerateArray()
        .Select(row => row.TryGetProperty("reasons", out var reasons) ? reasons[0].GetProperty("code").GetString() : row.GetProperty("status").GetString()));
}
