using System.Security.Cryptography;
using System.Text;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Access;
using IntegrationHub.Storage.Audit;

namespace IntegrationHub.Hub.Security;

/// <summary>
/// What holds for every command, whichever route it goes to: with an <c>Idempotency-Key</c> it is done once, and a repeat by the same principal gets the same answer.
/// What left nothing behind may be tried again under its key; what stands in the audit log was done, whatever became of its answer.
/// And it stands in the audit log, also when the route itself appended nothing. Commands are calls that change something and need a scope of
/// <see cref="Scope.IsOfCommands"/>.
/// </summary>
internal sealed partial class CommandGate(RequestDelegate next, OutboxTransaction transactions, TimeProvider time, ILogger<CommandGate> logger)
{
    /// <summary>The header.</summary>
    public const string Header = "Idempotency-Key";

    private const int LongestKey = 128;
    private const int LargestBody = 1 << 20;

    /// <summary>In the book, in place of a status: the command was done, and its answer went down with the call.</summary>
    private const int AnswerLost = 499;

    public async Task InvokeAsync(HttpContext http)
    {
        if (!IsCommand(http))
        {
            await next(http);
            return;
        }

        var key = http.Request.Headers[Header].ToString();
        if (key.Length == 0)
        {
            await AuditedAsync(http, AuditWatch.Begin(Role.Of(http.Caller().Scopes)));
        }
        else if (key.Length > LongestKey || key.Any(c => c is < '!' or > '~'))
        {
            await Problems.Of(400, "idempotency-key-malformed", Header, $"{Header} is 1 to {LongestKey} visible ASCII characters, such as a UUID.").ExecuteAsync(http);
        }
        else
        {
            await OnceAsync(http, key);
        }
    }

    private static bool IsCommand(HttpContext http) =>
        !HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method)
        && http.GetEndpoint()?.Metadata.GetMetadata<ScopeNeed>() is { Scope: var scope } && Scope.IsOfCommands(scope);

    private async Task OnceAsync(HttpContext http, string key)
    {
        if (await HashAsync(http.Request) is not { } hash)
        {
            await Problems.Of(413, "body-too-large", Header, $"A command with {Header} holds at most {LargestBody >> 20} MB.").ExecuteAsync(http);
            return;
        }

        var who = http.Caller().Id;
        var other = await transactions.RunAsync((db, _) => CommandBook.BeginAsync(db, who, key, hash, time.GetUtcNow(), http.RequestAborted), http.RequestAborted);
        if (other is not null)
        {
            await AnswerAsync(http, other, hash);
            return;
        }

        var (isAnswered, watch) = (false, AuditWatch.Begin(Role.Of(http.Caller().Scopes)));
        var body = http.Response.Body;
        await using var answer = Keeps(http) ? new MemoryStream() : null;
        http.Response.Body = answer ?? body;
        try
        {
            await AuditedAsync(http, watch);
            isAnswered = true;
        }
        finally
        {
            http.Response.Body = body;
            // Whatever becomes of the connection: the command was done, or it was not.
            var wasDone = watch.HasAppended || (isAnswered && IsSuccess(http.Response));
            await transactions.RunAsync(
                (db, _) => !wasDone ? CommandBook.ForgetAsync(db, who, key, CancellationToken.None)
                    : isAnswered ? CommandBook.FinishAsync(db, who, key, http.Response.StatusCode, http.Response.ContentType, answer?.ToArray(), CancellationToken.None)
                    : CommandBook.FinishAsync(db, who, key, AnswerLost, null, null, CancellationToken.None),
                CancellationToken.None);
        }

        if (answer is not null)
        {
            answer.Position = 0;
            await answer.CopyToAsync(body, http.RequestAborted);
        }
    }

    /// <summary>What is not kept is not gathered either: it may be years of a person's events.</summary>
    private static bool Keeps(HttpContext http) => http.GetEndpoint()?.Metadata.GetMetadata<AnswersOnce>() is null;

    private static async Task AnswerAsync(HttpContext http, CommandAnswer other, string hash)
    {
        switch (other)
        {
            case { RequestHash: var meant } when meant != hash:
                await Problems.Of(422, "idempotency-key-reused", Header, $"This {Header} came with another command before, at {other.At:u}; nothing was done. Give each command a key of its own.").ExecuteAsync(http);
                break;
            case { Status: null }:
                await Problems.Of(409, "idempotency-key-in-use", Header, $"The command with this {Header} came at {other.At:u} and is not answered yet; nothing was done twice. Ask again in a moment; when it stays so, the hub that worked on it has died: look what became of it, and give the next try a key of its own.").ExecuteAsync(http);
                break;
            case { Status: AnswerLost }:
                await Problems.Of(409, "answer-lost", Header, $"The command with this {Header} was done at {other.At:u}, and its answer was lost with the call; nothing was done twice. Look what became of it, and give the next command a key of its own.").ExecuteAsync(http);
                break;
            case { Body: { } body }:
                http.Response.StatusCode = other.Status.Value;
                http.Response.ContentType = other.ContentType;
                http.Response.Headers["Idempotency-Replayed"] = "true";
                await http.Response.Body.WriteAsync(body, http.RequestAborted);
                break;
            default:
                await Problems.Of(409, "answer-shown-once", Header, $"The command with this {Header} was done at {other.At:u}; its answer is shown once only.").ExecuteAsync(http);
                break;
        }
    }

    private static bool IsSuccess(HttpResponse response) => response.StatusCode is >= 200 and < 300;

    private async Task AuditedAsync(HttpContext http, AuditWatch watch)
    {
        await next(http);
        if (watch.HasAppended || !IsSuccess(http.Response) || http.Features.Get<OnlyLooked>() is not null)
        {
            return;
        }

        var name = http.GetEndpoint()!.Metadata.GetMetadata<EndpointNameMetadata>()?.EndpointName ?? http.Request.Method;
        try
        {
            await transactions.RunAsync((db, _) => AuditLog.AppendAsync(db, http.Entry(name, http.Request.Path.ToString(), http.Features.Get<SaidWhy>()?.Reason), CancellationToken.None), CancellationToken.None);
        }
        catch (Exception exception)
        {
            LogNotAudited(name, http.Caller().Id, exception.GetType().Name);
        }
    }

    private static async Task<string?> HashAsync(HttpRequest request)
    {
        request.EnableBuffering(LargestBody, LargestBody);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{request.Method} {request.Path}{request.QueryString}\n{request.Headers.IfMatch}\n"));
        var buffer = new byte[16 * 1024];
        try
        {
            int read;
            while ((read = await request.Body.ReadAsync(buffer, request.HttpContext.RequestAborted)) > 0)
            {
                hash.AppendData(buffer.AsSpan(0, read));
            }
        }
        catch (IOException)
        {
            return null;
        }

        request.Body.Position = 0;
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    [LoggerMessage(2102, LogLevel.Error, "The command {Command} of {Principal} was done and does not stand in the audit log ({Error})")]
    private partial void LogNotAudited(string command, string principal, string error);
}
