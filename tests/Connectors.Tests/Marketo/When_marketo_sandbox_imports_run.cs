using IntegrationHub.Connectors.Sandbox;
using Microsoft.Extensions.Time.Testing;

namespace Connectors.Tests.Marketo;

/// <summary>Bulk imports: their states, their queue, their files.</summary>
public sealed class When_marketo_sandbox_imports_run
{
    private static readonly TimeSpan Work = TimeSpan.FromMinutes(1);

    private FakeTimeProvider _time = null!;
    private SandboxClient _marketo = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _time = Clock.AtNoon();
        _marketo = await SandboxClient.StartAsync(new SandboxOptions { Quotas = false, Time = _time, ApplyDelay = Work });
    }

    [TearDown]
    public async Task StopAsync() => await _marketo.DisposeAsync();

    [Test]
    public async Task Should_run_two_jobs_at_a_time_in_their_order()
    {
        string[] jobs = [await _marketo.ImportAsync(File(1)), await _marketo.ImportAsync(File(2)), await _marketo.ImportAsync(File(3))];
        Assert.That(await StatesAsync(jobs), Is.EqualTo("Importing Importing Queued"));
        Assert.That((_marketo.Marketo.People().Count(), _marketo.Marketo.IsSettled), Is.EqualTo((0, false)));
        _time.Advance(Work);
        Assert.That(await StatesAsync(jobs), Is.EqualTo("Complete Complete Importing"));
        _time.Advance(Work);
        Assert.That(await StatesAsync(jobs), Is.EqualTo("Complete Complete Complete"));
        Assert.That((_marketo.Marketo.People().Count(), _marketo.Marketo.IsSettled), Is.EqualTo((3, true)));
    }

    [Test]
    public async Task Should_refuse_an_11th_job_and_a_second_one_for_a_list()
    {
        var list = await _marketo.CreateListAsync();
        Assert.That(await _marketo.ImportAsync(File(1), $"format=csv&listId={list}"), Is.EqualTo("3404"));
        Assert.That(await _marketo.ImportAsync(File(1), $"format=csv&listId={list}"), Is.EqualTo("1019"));
        Assert.That(await _marketo.CodeAsync("POST", $"/rest/asset/v1/staticList/{list}/delete.json"), Is.EqualTo("1022"));
        for (var i = 0; i < 9; i++)
        {
            await _marketo.ImportAsync(File(i));
        }

        Assert.That(await _marketo.ImportAsync(File(1)), Is.EqualTo("1016"));
        _time.Advance(Work);
        Assert.That(await _marketo.ImportAsync(File(1), $"format=csv&listId={list}"), Is.EqualTo("3414"));
        Assert.That(_marketo.Marketo.People().Single(person => person.Keys["email"] == "p1@b.test").Memberships, Is.EqualTo(new[] { $"{list}" }));
    }

    [TestCase("city\nRome\n", "format=csv", "1011")]
    [TestCase("email,shoeSize\na@b.test,42\n", "format=csv", "1006")]
    [TestCase("email\na@b.test\n", "format=xml", "1003")]
    [TestCase("email\na@b.test\n", "format=csv&listId=77", "1013")]
    [TestCase("email\na@b.test\n", "format=csv&partitionName=Moon", "1008")]
    public async Task Should_refuse_a_wrong_import(string csv, string query, string code) => Assert.That(await _marketo.ImportAsync(csv, query), Is.EqualTo(code));

    [Test]
    public async Task Should_refuse_a_file_over_10_MB_and_another_content_type()
    {
        Assert.That(await _marketo.ImportAsync($"email\n{new string('x', 10_000_000)}"), Is.EqualTo("http 413"));
        Assert.That(await _marketo.CodeAsync("POST", "/bulk/v1/leads.json?format=csv", "{}"), Is.EqualTo("612"));
        Assert.That(await _marketo.CodeAsync("POST", "/bulk/v1/leads.json?format=csv", "x", "multipart/form-data; boundary=b"), Is.EqualTo("613"));
    }

    [Test]
    public async Task Should_give_refused_rows_and_rows_without_a_value_back_with_a_reason()
    {
        await _marketo.UpsertAsync("""{"email":"twin@b.test"},{"email":"twin@b.test"}""", "createDuplicate");
        var job = await _marketo.ImportAsync("email,firstName,totalChildren\na@b.test,\"Ann, \"\"A\"\"\",2\ntwin@b.test,T,1\nb@b.test,Ben,many\nno-address,N,1\nc@b.test,short\n");
        Assert.That(await _marketo.TextAsync($"/bulk/v1/leads/batch/{job}/failures.json"), Does.StartWith("404 "), "Not complete yet.");
        _time.Advance(Work);

        var status = (await _marketo.CallAsync("GET", $"/bulk/v1/leads/batch/{job}.json")).GetProperty("result")[0];
        Assert.That(
            (status.GetProperty("numOfLeadsProcessed").GetInt32(), status.GetProperty("numOfRowsFailed").GetInt32(), status.GetProperty("numOfRowsWithWarning").GetInt32()),
            Is.EqualTo((2, 3, 1)));
        var failures = (await _marketo.TextAsync($"/bulk/v1/leads/batch/{job}/failures.json")).Split('\n');
        Assert.That(failures[0], Is.EqualTo("200 email,firstName,totalChildren,Import Failure Reason"));
        Assert.That(failures.Skip(1).Select(row => row.Split(',')[0]), Is.EqualTo(new[] { "twin@b.test", "no-address", "c@b.test", "" }));
        Assert.That(await _marketo.TextAsync($"/bulk/v1/leads/batch/{job}/warnings.json"), Does.Contain("\nb@b.test,Ben,many,"));
    }

    [Test]
    public async Task Should_clear_by_an_empty_cell_and_only_update_by_id()
    {
        await _marketo.UpsertAsync("""{"email":"a@b.test","firstName":"Ann","city":"Rome"}""");
        var job = await _marketo.ImportAsync("id,firstName\n1,\n9,Nobody\n", "format=csv&lookupField=id");
        _time.Advance(Work);
        Assert.That(await _marketo.TextAsync($"/bulk/v1/leads/batch/{job}/failures.json"), Does.Contain("\n9,Nobody,"));
        var person = _marketo.Marketo.People().Single();
        Assert.That((person.Fields.ContainsKey("firstName"), person.Fields["city"]), Is.EqualTo((false, "\"Rome\"")));
    }

    [Test]
    public async Task Should_forget_a_job_after_seven_days()
    {
        var job = await _marketo.ImportAsync(File(1));
        _time.Advance(Work);
        Assert.That(await StatesAsync(job), Is.EqualTo("Complete"));
        _time.Advance(TimeSpan.FromDays(7));
        await _marketo.AuthorizeAsync();
        Assert.That(await _marketo.CodeAsync("GET", $"/bulk/v1/leads/batch/{job}.json"), Is.EqualTo("1013"));
    }

    private static string File(int id) => $"email\np{id}@b.test\n";

    private async Task<string> StatesAsync(params string[] jobs)
    {
        var states = new List<string>();
        foreach (var job in jobs)
        {
            states.Add((await _marketo.CallAsync("GET", $"/bulk/v1/leads/batch/{job}.json")).GetProperty("result")[0].GetProperty("status").GetString()!);
        }

        return string.Join(' ', states);
    }
}
