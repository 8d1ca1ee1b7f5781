using System.Globalization;

namespace IntegrationHub.Connectors.Sandbox.Marketo;

/// <summary>Names of Marketo's own faults, for <see cref="Fault.Variant"/>. A number is answered as that code, and nothing is applied.</summary>
public static class MarketoFaults
{
    /// <summary>The code of <see cref="FaultKind.UnknownCode"/>.</summary>
    public const string UnknownCode = "699";

    /// <summary>The answer leaves out the last record; everything is applied.</summary>
    public const string ShortAnswer = "short_answer";

    /// <summary>Records refused by <see cref="FaultKind.RejectRecords"/> condemn their whole call with 1003.</summary>
    public const string WholeCall = "whole_call";

    /// <summary>Followed by a number: that many calls of other integrations come before this one, which is then served as usual.</summary>
    public const string OtherCalls = "other_calls_";

    private static readonly HashSet<string> Uncounted = new(["601", "602", "604", "605", "608", "611"], StringComparer.Ordinal);

    /// <summary>Answers a fault of a call that is not for the identity endpoint; false serves it as usual.</summary>
    internal static bool Answer(Fault fault, SandboxCall call, MarketoTokens tokens, MarketoLimits limits)
    {
        switch (fault.Kind)
        {
            case FaultKind.Status when fault.Status is 429 or 401 or 403:
                return Refuse(fault.Status switch { 429 => "606", 401 => "601", _ => "603" });
            case FaultKind.Status:
                MarketoAnswers.FailAtGateway(call, fault.Status);
                return true;
            case FaultKind.TokenExpiry:
                tokens.Expire();
                return false;
            case FaultKind.UnknownCode:
                return Refuse(UnknownCode);
            case FaultKind.Vendor when int.TryParse(fault.Variant, NumberStyles.None, CultureInfo.InvariantCulture, out _):
                return Refuse(fault.Variant);
            case FaultKind.Vendor when fault.Variant?.StartsWith(OtherCalls, StringComparison.Ordinal) == true
                && int.TryParse(fault.Variant[OtherCalls.Length..], CultureInfo.InvariantCulture, out var calls):
                limits.Spend(calls, byOthers: true);
                return false;
            default:
                return false;
        }

        bool Refuse(string code)
        {
            if (!Uncounted.Contains(code))
            {
                limits.Spend(1, byOthers: false);
            }

            MarketoAnswers.Fail(call, code);
            return true;
        }
    }

    /// <summary>The identity endpoint knows neither budgets nor the envelope's codes.</summary>
    internal static bool AnswerForIdentity(Fault fault, SandboxCall call, MarketoTokens tokens)
    {
        switch (fault)
        {
            case { Kind: FaultKind.Status, Status: 401 }:
                MarketoDoor.RefuseClient(call);
                return true;
            case { Kind: FaultKind.Status, Status: >= 500 }:
                MarketoAnswers.FailAtGateway(call, fault.Status);
                return true;
            case { Kind: FaultKind.TokenExpiry }:
                tokens.Expire();
                return false;
            default:
                return false;
        }
    }
}
