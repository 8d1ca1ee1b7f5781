using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using IntegrationHub.Hub.Audit;

namespace IntegrationHub.Hub.Cli;

/// <summary><c>audit …</c>: what was done, by whom and why.</summary>
internal static class AuditVerbTree
{
    public static Verb Build(Terminal terminal) => new("audit", "See what was done, by whom and why, and check that nobody changed the record.", "audit list", "audit verify")
    {
        List(terminal),
        Verify(terminal),
    };

    private static Verb List(Terminal terminal)
    {
        var hub = HubOption.Create();
        var principal = new Option<string?>("--principal") { Description = "Only of this one, such as person:anna." };
        var action = new Option<string?>("--action") { Description = "Only this, such as run.cancel; with a dot at its end all that begin so." };
        var subject = new Option<string?>("--subject") { Description = "Only to this, such as run:ID." };
        return new Verb("list", "List what was done, newest first.", "audit list", "audit list --principal person:anna --action run. --json")
        { Options = { principal, action, subject, hub } }
        .Lists(
            hub, PageOptions.Create(), _ => "/v1/audit", call => [("principal", call.Get(principal)), ("action", call.Get(action)), ("subject", call.Get(subject))],
            (call, list) =>
            {
                foreach (var row in list.Of<AuditJson>())
                {
                    call.Terminal.Out.WriteLine(FormattableString.Invariant($"{row.Seq}  {row.At.ToUniversalTime():u}  {row.Principal} ({row.Via}{(row.Role is { } role ? $", {role}" : "")})  {row.Action}  {row.Subject}{(row.Reason is { } why ? $": {why}" : "")}"));
                }
            },
            terminal);
    }

    private static Verb Verify(Terminal terminal)
    {
        var hub = HubOption.Create();
        return new Verb("verify", "Walk along the whole log: is every row as it was written, and none missing? Exit code 3 when not.", "audit verify", "audit verify --json")
        { Options = { hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                var answer = await client.GetAsync("/v1/audit/verify", cancellationToken);
                var check = answer.Deserialize<AuditCheckJson>()!;
                if (call.Json)
                {
                    call.Write(answer);
                }
                else
                {
                    call.Terminal.Out.WriteLine(check.Intact
                        ? FormattableString.Invariant($"{check.Rows} rows, each as it was written. The last is {check.HeadSeq}, hash {(check.HeadHash.Length == 0 ? "none" : check.HeadHash)}; keep it elsewhere, and nobody can write another history unseen.")
                        : FormattableString.Invariant($"Row {check.BrokenAt}: {check.Problem} {check.Rows} rows before it are as they were written. Compare with a backup."));
                }

                return check.Intact ? ExitCode.Done : ExitCode.Failed;
            },
            terminal);
    }
}
