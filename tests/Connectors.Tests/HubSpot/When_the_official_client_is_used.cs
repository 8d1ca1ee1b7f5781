using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace Connectors.Tests.HubSpot;

/// <summary>
/// The sandbox is what HubSpot's own client takes for HubSpot. The client is installed by <c>npm ci</c> from the lock file beside the
/// script; without Node.js and npm the test fails.
/// </summary>
public sealed class When_the_official_client_is_used
{

    private string _folder = null!;
    private HubSpotSandboxClient _sandbox = null!;
    private JsonNode _told = null!;

    [OneTimeSetUp]
    public async Task DriveAsync()
    {
        _folder = Directory.CreateTempSubdirectory("hubspot-official-client-").FullName;
        foreach (var file in new[] { "package.json", "package-lock.json", "drive.mjs" })
        {
            File.Copy(Path.Combine(Folder(), "OfficialClient", file), Path.Combine(_folder, file));
        }

        await RunAsync("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--fetch-timeout=20000", "--fetch-retries=5"], []);
        _sandbox = await HubSpotSandboxClient.StartAsync();
        var output = await RunAsync("node", ["drive.mjs"], new() { ["HUBSPOT_TOKEN"] = _sandbox.Token, ["HUBSPOT_BASE_PATH"] = _sandbox.BaseUrl.AbsoluteUri });
        _told = JsonNode.Parse(output)!;
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_sandbox is not null)
        {
            await _sandbox.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public void Should_hand_back_a_mixed_upsert()
    {
        var upsert = _told["upsert"]!;
        Assert.That(Texts(upsert["results"]!, "objectWriteTraceId"), Is.EquivalentTo(new[] { "t-c-1", "t-c-3" }));
        Assert.That(upsert["results"]!.AsArray().Select(static row => (bool)row!["_new"]!), Is.All.True);
        Assert.That((int)upsert["numErrors"]!, Is.EqualTo(1));
        var error = upsert["errors"]![0]!;
        Assert.That(((string)error["category"]!, (string)error["context"]!["objectWriteTraceId"]![0]!), Is.EqualTo(("VALIDATION_ERROR", "t-c-2")));
        Assert.That((string)upsert["status"]!, Is.EqualTo("COMPLETE"));
        Assert.That(DateTime.Parse((string)upsert["results"]![0]!["createdAt"]!, System.Globalization.CultureInfo.InvariantCulture).Year, Is.GreaterThan(2020));
    }

    [Test]
    public void Should_hand_back_contacts_by_key_by_id_by_email_and_by_page()
    {
        Assert.That((string)_told["read"]!["results"]![0]!["properties"]!["email"]!, Is.EqualTo("ann@example.test"));
        Assert.That((string)_told["read"]!["errors"]![0]!["category"]!, Is.EqualTo("OBJECT_NOT_FOUND"));
        Assert.That((string)_told["one"]!["properties"]!["email"]!, Is.EqualTo("ann@example.test"));
        Assert.That((string)_told["byEmail"]!["id"]!, Is.EqualTo((string)_told["one"]!["id"]!));
        Assert.That(_told["page"]!["results"]!.AsArray(), Has.Count.EqualTo(1));
        Assert.That((string?)_told["page"]!["paging"]!["next"]!["after"], Is.Not.Null.And.Not.Empty);
    }

    [Test]
    public void Should_hand_back_a_list_and_its_members()
    {
        var (ann, cy) = (Id("t-c-1"), Id("t-c-3"));
        Assert.That(((string)_told["list"]!["name"]!, (string)_told["list"]!["processingType"]!), Is.EqualTo(("Official", "MANUAL")));
        Assert.That(_told["added"]!["recordsIdsAdded"]!.AsArray().Select(static id => (string)id!), Is.EquivalentTo(new[] { ann, cy }));
        Assert.That((string)_told["added"]!["recordIdsMissing"]![0]!, Is.EqualTo("999"));
        Assert.That(Texts(_told["members"]!["results"]!, "recordId"), Is.EquivalentTo(new[] { ann, cy }));
        Assert.That((string)_told["removed"]!["recordIdsRemoved"]![0]!, Is.EqualTo(cy));
        Assert.That(Texts(_told["left"]!["results"]!, "recordId"), Is.EqualTo(new[] { ann }));
    }

    [Test]
    public void Should_hand_back_consent_and_refuse_to_subscribe_again()
    {
        Assert.That((string)_told["subscribed"]!["status"]!, Is.EqualTo("SUBSCRIBED"));
        Assert.That(((int)_told["subscribedAgain"]!["code"]!, (string)_told["subscribedAgain"]!["message"]!),
            Is.EqualTo((400, "ann@example.test is already subscribed to subscription 39644612")));
        Assert.That((string)_told["unsubscribed"]!["status"]!, Is.EqualTo("NOT_SUBSCRIBED"));
        Assert.That((string)_told["optOut"]!["message"]!, Does.EndWith("cannot be updated because they have unsubscribed"));
        Assert.That(Texts(_told["status"]!["subscriptionStatuses"]!, "status"), Is.All.EqualTo("NOT_SUBSCRIBED"));
    }

    [Test]
    public void Should_take_an_event_a_merge_and_an_erasure()
    {
        Assert.That(_sandbox.HubSpot.Events().Single().Id, Is.EqualTo("0198f1a0-0000-7000-8000-000000000001"));
        Assert.That((string)_told["merged"]!["id"]!, Is.Not.EqualTo(Id("t-c-1")).And.Not.EqualTo(Id("t-c-3")));
        Assert.That((string)_told["byOldId"]!["id"]!, Is.EqualTo((string)_told["merged"]!["id"]!));
        Assert.That((int)_told["purged"]!["code"]!, Is.EqualTo(404));
        Assert.That(_sandbox.HubSpot.People(), Is.Empty);
    }

    [Test]
    public void Should_hand_back_errors()
    {
        Assert.That(((int)_told["missing"]!["code"]!, (string)_told["missing"]!["category"]!), Is.EqualTo((404, "OBJECT_NOT_FOUND")));
        Assert.That(((int)_told["invalid"]!["code"]!, (string)_told["invalid"]!["category"]!), Is.EqualTo((400, "VALIDATION_ERROR")));
        Assert.That(((int)_told["unauthorized"]!["code"]!, (string)_told["unauthorized"]!["category"]!), Is.EqualTo((401, "INVALID_AUTHENTICATION")));
        Assert.That((string?)_told["missing"]!["correlationId"], Is.Not.Null.And.Not.Empty);
    }

    [Test]
    public void Should_be_locked_without_the_addresses_of_a_registry()
        => Assert.That(File.ReadAllText(Path.Combine(Folder(), "OfficialClient", "package-lock.json")), Does.Not.Contain("\"resolved\""));

    private string Id(string trace) => (string)_told["upsert"]!["results"]!.AsArray().Single(row => (string)row!["objectWriteTraceId"]! == trace)!["id"]!;

    private static IEnumerable<string> Texts(JsonNode rows, string name) => rows.AsArray().Select(row => (string)row![name]!);

    private async Task<string> RunAsync(string program, string[] arguments, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = _folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new InvalidOperationException($"{program} cannot be started ({e.Message}). Install Node.js 18 or later with npm, or use tests/run, which does.", e);
        }

        using (process)
        using (var patience = new CancellationTokenSource(Conformance.Poll.Patience))
        {
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(patience.Token), process.StandardError.ReadToEndAsync(patience.Token));
            try
            {
                await process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                throw;
            }

            Assert.That(process.ExitCode, Is.Zero, $"{program} {string.Join(' ', arguments)}\n{await output}\n{await errors}");
            return await output;
        }
    }

    private static string Folder([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;
}
