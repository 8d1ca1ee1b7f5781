using System.CommandLine;
using IntegrationHub.Connectors.Sandbox;
using Spectre.Console;

namespace IntegrationHub.Hub.Cli;

/// <summary>The verbs that work in this process: <c>serve</c>, <c>migrate</c>, <c>demo</c>, <c>sandbox</c>, <c>validate</c>.</summary>
internal static class HostVerbTree
{
    public static Verb Serve(HostVerbs host, Terminal terminal) =>
        new Verb(
            "serve",
            "Serve the hub: its console and API on http://localhost:8080. What runs when no verb is given.",
            "serve",
            "serve --Hub:Urls=http://localhost:9090 --Hub:DataPath=/var/lib/hub",
            "serve --Hub:Bus=RabbitMq --Hub:Database=Postgres")
        { TreatUnmatchedTokensAsErrors = false }
        .Does(
            async (call, cancellationToken) =>
            {
                await host.Serve(call.Settings(), cancellationToken);
                return ExitCode.Done;
            },
            terminal,
            offersJson: false);

    public static Verb Migrate(HostVerbs host, Terminal terminal)
    {
        var restored = new Option<bool>("--restored") { Description = "The database was restored to an earlier moment: events that it owes may have been sent since, and where a repeat would do harm they are not sent but settled." };
        return new Verb(
            "migrate",
            "Bring the database's schema up to date, as a step before hubs of a new version start (Hub:MigrateAtStart=false).",
            "migrate",
            "migrate --Hub:DataPath=/var/lib/hub --json",
            "migrate --restored --Hub:Database=Postgres")
        { Options = { restored }, TreatUnmatchedTokensAsErrors = false }
        .Does(
            async (call, cancellationToken) =>
            {
                var before = await host.Migrate(call.Settings(), cancellationToken);
                var doubted = call.Get(restored) ? await host.Doubt(call.Settings(), cancellationToken) : (long?)null;
                if (call.Json)
                {
                    call.Write(new { applied = before.Lacking, unknown = before.Unknown, doubted });
                }
                else
                {
                    foreach (var migration in before.Lacking)
                    {
                        call.Terminal.Out.WriteLine($"Applied {migration}");
                    }

                    call.Terminal.Out.WriteLine(before switch
                    {
                        { Unknown: [.., var newest] } => $"The database has migrations of a newer version, the newest is {newest}. This version works with it.",
                        { Lacking.Count: 0 } => "The database was up to date.",
                        _ => "The database is up to date.",
                    });
                    if (doubted is not null)
                    {
                        call.Terminal.Out.WriteLine(FormattableString.Invariant($"{doubted} events that it owes may have been sent since: where a repeat would do harm, a hub makes ambiguous dead letters of them instead of sending them."));
                    }
                }

                return ExitCode.Done;
            },
            terminal);
    }

    public static Verb Demo(HostVerbs host, Terminal terminal)
    {
        var members = new Option<int?>("--members") { Description = "Only the first so many customers.", HelpName = "N" };
        members.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && (!int.TryParse(result.Tokens[0].Value, out var number) || number < 1))
            {
                result.AddError($"--members takes a whole number from 1, not '{result.Tokens[0].Value}'.");
            }
        });
        var serve = new Option<bool>("--serve") { Description = "Go on serving afterwards, until Ctrl+C, so that the runs can be looked at." };
        var customers = File("--customers", "Customers to take instead of the shipped sample (CSV).");
        var consent = File("--consent", "Contact preferences to take: 0, 1 or 2 per e-mail address (CSV).");
        var phones = File("--phones", "Phone numbers to take (CSV).");
        var verb = new Verb(
            "demo",
            "The whole job on sample data: customers become an audience at three vendors' sandboxes, read back and accounted for.",
            "demo",
            "demo --members 500 --serve",
            "demo --json",
            "demo --customers customers.csv --consent email_promotion.csv --phones phones.csv")
        {
            TreatUnmatchedTokensAsErrors = false,
            Options = { members, serve, customers, consent, phones },
        };
        return verb.Does(
            async (call, cancellationToken) =>
            {
                var request = new DemoRequest
                {
                    Members = call.Get(members),
                    Serve = call.Get(serve),
                    Customers = Existing(call, customers),
                    Consent = Existing(call, consent),
                    Phones = Existing(call, phones),
                    Json = call.Json,
                    Settings = call.Settings(),
                };
                DemoResult? result = null;
                await using var screen = new RunScreen(call.Terminal, call.Json);
                await host.Demo(
                    request,
                    screen.Report,
                    async finished =>
                    {
                        result = finished;
                        await screen.DisposeAsync();
                        ShowDemo(call, request, finished);
                    },
                    cancellationToken);
                return result is null ? ExitCode.Failed : ExitCode.Of(result.Runs);
            },
            terminal);
    }

    public static Verb Sandbox(Terminal terminal)
    {
        var address = new Option<string>("--address") { Description = "Address to listen on.", DefaultValueFactory = _ => "127.0.0.1" };
        var port = new Option<int>("--port") { Description = "Port to listen on; 0 takes a free one.", DefaultValueFactory = _ => 8090 };
        var unlimited = new Option<bool>("--no-quotas") { Description = "Do not enforce the vendors' call quotas." };
        var scale = new Option<double>("--quota-scale") { Description = "Factor on every quota, above 0.", DefaultValueFactory = _ => 1 };
        return new Verb("sandbox", "Serve only the vendors' sandboxes.", "sandbox", "sandbox --port 9000 --no-quotas", "sandbox --address 0.0.0.0 --quota-scale 10")
        {
            Options = { address, port, unlimited, scale },
        }
        .Does(
            async (call, cancellationToken) =>
            {
                await using var server = await StartSandboxAsync(
                    new SandboxOptions { Address = call.Get(address)!, Port = call.Get(port), Quotas = !call.Get(unlimited), QuotaScale = call.Get(scale) }, cancellationToken);
                ShowSandbox(call, server);
                var stopped = new TaskCompletionSource();
                await using var registration = cancellationToken.Register(stopped.SetResult);
                await stopped.Task;
                return ExitCode.Done;
            },
            terminal);
    }

    public static Verb Validate(HostVerbs host, Terminal terminal) =>
        new Verb("validate", "Check the configuration folder and report every error with file, line and fix.", "validate", "validate --Hub:ConfigPath=config --json")
        { TreatUnmatchedTokensAsErrors = false }
        .Does(
            async (call, cancellationToken) =>
            {
                var errors = await host.Validate(call.Settings(), cancellationToken);
                var moves = errors.Count == 0 ? await host.Moves(call.Settings(), cancellationToken) : [];
                var warnings = errors.Count == 0 ? host.Warnings(call.Settings()) : [];
                if (call.Json)
                {
                    call.Write(new { valid = errors.Count == 0, errors = errors.Select(error => new { file = error.File, line = error.Line, problem = error.Problem, fix = error.Fix }), warnings, moves });
                }
                else
                {
                    foreach (var error in errors)
                    {
                        call.Terminal.Out.WriteLine(error);
                    }

                    foreach (var warning in warnings)
                    {
                        call.Terminal.Out.WriteLine($"Warning: {warning}");
                    }

                    foreach (var move in moves)
                    {
                        call.Terminal.Out.WriteLine(move);
                    }

                    call.Terminal.Out.WriteLine(errors.Count == 0 ? "The configuration is valid." : $"{errors.Count} errors.");
                }

                return errors.Count == 0 ? ExitCode.Done : ExitCode.Usage;
            },
            terminal);

    private static void ShowDemo(VerbCall call, DemoRequest request, DemoResult result)
    {
        var screen = call.Terminal.Screen(call.Json);
        foreach (var note in result.Notes)
        {
            screen.WriteLine(note);
        }

        RunTables.Write(screen, result.Runs);
        if (call.Json)
        {
            call.Write(new { runs = result.Runs });
        }

        screen.WriteLine(request.Serve
            ? $"Still serving: the console is at {result.Address}. Stop with Ctrl+C."
            : "To ask the hub about its runs afterwards (sync list, sync show, destinations list), add --serve.");
    }

    private static async Task<SandboxServer> StartSandboxAsync(SandboxOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return await SandboxServer.StartAsync(options, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or FormatException or ArgumentException)
        {
            throw new CommandLineException(ExitCode.Usage, $"The sandboxes cannot listen on {options.Address}:{options.Port}: {exception.Message} Choose another --address or --port.");
        }
    }

    private static void ShowSandbox(VerbCall call, SandboxServer server)
    {
        if (call.Json)
        {
            call.Write(server.Rooms.ToDictionary(room => room.Key, room => new { base_url = server.BaseUrl(room.Key), credentials = room.Value.Vendor.Credentials }));
            return;
        }

        foreach (var (vendor, room) in server.Rooms)
        {
            call.Terminal.Out.WriteLine($"{vendor,-8} {server.BaseUrl(vendor)}  {string.Join(' ', room.Vendor.Credentials.Select(credential => $"{credential.Key}={credential.Value}"))}");
        }

        call.Terminal.Out.WriteLine("Stop with Ctrl+C.");
    }

    private static Option<string?> File(string name, string description) => new(name) { Description = description, HelpName = "FILE" };

    private static string? Existing(VerbCall call, Option<string?> option) => call.Get(option) switch
    {
        { } path when !System.IO.File.Exists(path) => throw new CommandLineException(ExitCode.Usage, $"{option.Name}: there is no file '{path}'."),
        var path => path,
    };
}
