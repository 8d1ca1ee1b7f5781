using System.Text.Json;
using IntegrationHub.Hub.Cli;
using IntegrationHub.Hub.Configuration;

namespace Hub.Tests.Cli;

public sealed class When_a_verb_is_chosen
{
    private static readonly string[] _verbs =
    [
        "serve", "demo", "sandbox", "validate", "sync", "sync start", "sync list", "sync show", "sync watch", "sync approve", "sync pause", "sync resume", "sync cancel",
        "snapshots load", "snapshots show", "deadletters list", "deadletters show", "consent load", "consent show", "policy check",
    ];

    [Test]
    public async Task Should_serve_when_none_is_named()
    {
        var session = new Session();

        var ended = await session.CallAsync();

        Assert.That((ended, session.Host.Single()), Is.EqualTo((0, "serve")));
    }

    [Test]
    public async Task Should_hand_settings_to_the_host()
    {
        var session = new Session();

        await session.CallAsync("--Hub:Bus=RabbitMq");
        await session.CallAsync("serve", "--Hub:Urls=http://localhost:9");

        Assert.That(session.Host, Is.EqualTo(["serve --Hub:Bus=RabbitMq", "serve --Hub:Urls=http://localhost:9"]));
    }

    [TestCase("serve", "--colour")]
    [TestCase("serve", "extra")]
    [TestCase("demo", "--member=5")]
    [TestCase("dance")]
    [TestCase("sync", "start")]
    [TestCase("sync", "show", "not-an-id")]
    [TestCase("sync", "start", "customers", "--mode", "sideways")]
    [TestCase("demo", "--members", "0")]
    [TestCase("demo", "--customers", "missing.csv")]
    [TestCase("sync", "list", "--hub", "nowhere")]
    public async Task Should_refuse_what_it_does_not_understand_and_say_why(params string[] args)
    {
        var session = new Session();

        var ended = await session.CallAsync(args);

        Assert.Multiple(() =>
        {
            Assert.That(ended, Is.EqualTo(2));
            Assert.That(session.Error.Trim(), Is.Not.Empty);
            Assert.That(session.Out, Is.Empty);
            Assert.That(session.Host, Is.Empty);
        });
    }

    [Test]
    public async Task Should_show_help_with_examples_that_it_understands([ValueSource(nameof(_verbs))] string verb)
    {
        var session = new Session();

        var ended = await session.CallAsync([.. verb.Split(' '), "--help"]);

        var examples = session.Out[(session.Out.IndexOf("Examples:", StringComparison.Ordinal) + 1)..].Split('\n').Where(line => line.Contains("Hub --", StringComparison.Ordinal)).Select(line => line.Trim()).ToList();
        Assert.That(ended, Is.Zero);
        Assert.That(examples, Is.Not.Empty.And.All.Contains($"-- {verb.Split(' ')[0]}"));
    }

    [Test]
    public async Task Should_put_one_value_on_standard_output_even_when_it_fails()
    {
        var session = new Session();

        var ended = await session.CallAsync("sync", "list", "--json");

        using var value = JsonDocument.Parse(session.Out);
        Assert.Multiple(() =>
        {
            Assert.That(ended, Is.EqualTo(3));
            Assert.That(value.RootElement.GetProperty("error").GetProperty("exit_code").GetInt32(), Is.EqualTo(3));
            Assert.That(session.Error, Does.Contain("No hub answers").And.Contain("dotnet run --project Hub"));
        });
    }

    [Test]
    public async Task Should_report_every_configuration_error()
    {
        var session = new Session { ConfigurationErrors = [new ConfigurationError("consent.yaml", 7, "The rule has no purpose.", "Add purpose: email_marketing."), new ConfigurationError("mappings/braze.yaml", 0, "Missing.", "Write it.")] };

        var ended = await session.CallAsync("validate", "--Hub:ConfigPath=x");
        var text = session.Out;
        var json = new Session { ConfigurationErrors = session.ConfigurationErrors };
        await json.CallAsync("validate", "--json");

        using var value = JsonDocument.Parse(json.Out);
        Assert.Multiple(() =>
        {
            Assert.That(ended, Is.EqualTo(2));
            Assert.That(session.Host.Single(), Is.EqualTo("validate --Hub:ConfigPath=x"));
            Assert.That(text, Does.Contain("consent.yaml:7: The rule has no purpose. Add purpose: email_marketing.").And.Contain("2 errors."));
            Assert.That(value.RootElement.GetProperty("errors").GetArrayLength(), Is.EqualTo(2));
            Assert.That(value.RootElement.GetProperty("valid").GetBoolean(), Is.False);
        });
    }

    [Test]
    public async Task Should_find_a_valid_configuration_valid()
    {
        var session = new Session();

        Assert.That(await session.CallAsync("validate"), Is.Zero);
        Assert.That(session.Out, Does.Contain("valid"));
    }
}
